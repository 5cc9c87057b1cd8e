// For tests: a city, a bureau and a school with signed statements, and a server that says what it is told to.
import { vi } from "vitest";
import { argon2id } from "../engine/wasm";
import { type Bytes, concat, hex, label, toBase64, u32, u8 } from "../envelope/bytes";
import { caseId, commitOf } from "../envelope/case";
import { hash, kdf, random } from "../envelope/kdf";
import { keyId, publicOf } from "../envelope/kem";
import { unlock } from "../envelope/member";
import { Kind, Side, memberPreface, reporterPreface, sealRecord, tipPreface, SEEN_NOTHING } from "../envelope/record";
import * as sealed from "../envelope/sealed";
import { publicOf as signingOf, sign } from "../envelope/sign";
import { Purpose, wrap } from "../envelope/wrap";
import type { Case, Session } from "./api";

export const DEPLOYMENT = random(16);
export const TODAY = 20_000;
export const PASSPHRASE = "correct horse";
const SALT = random(16);

export const signed = (seed: Bytes, name: string, ...body: Bytes[]): Bytes => {
  const bytes = concat(...body);
  return concat(bytes, sign(seed, name, bytes));
};

export interface Office { id: Bytes; seed: Bytes; identity: Bytes }
export const office = (level: number, parent: Office | null): Office => {
  const [id, seed] = [random(16), random(32)];
  const above = parent ?? { id, seed };
  return { id, seed, identity: signed(above.seed, "identity", DEPLOYMENT, above.id, id, u8(level), u32(1), u32(TODAY + 900), signingOf(seed)) };
};

export interface Pair { seed: Bytes; key: Bytes }
export const pair = async (seed = random(32)): Promise<Pair> => ({ seed, key: await publicOf(seed) });

export interface Person { id: Bytes; root: Bytes; role: number; kem: Pair; sign: Bytes }
export const person = async (role: number): Promise<Person> => {
  const root = random(32);
  return { id: random(16), root, role, kem: await pair(kdf(root, "member kem")), sign: kdf(root, "member sign") };
};

export const memberStatement = (of: Office, one: Person, epoch: number): Bytes =>
  signed(of.seed, "member", DEPLOYMENT, of.id, one.id, u8(one.role), u32(epoch), u32(TODAY + 60), signingOf(one.sign), hash(one.kem.key));

export interface EpochOf { number: number; key: Bytes; members: Bytes[]; previous?: Bytes; days?: number }
export const epochStatement = (of: Office, e: EpochOf): Bytes =>
  signed(of.seed, "epoch", DEPLOYMENT, of.id, u32(e.number), u32(TODAY - 30), u32(TODAY - 30 + (e.days ?? 90)),
    hash(e.key), hash(...e.members), e.previous ?? new Uint8Array(32));

/** The school's people, and the session of the first of them. */
export class City {
  readonly city = office(0, null);
  readonly bureau = office(1, this.city);
  readonly school = office(2, this.bureau);
  people: Person[] = [];
  keys: Pair[] = [];
  session!: Session;

  static async found(): Promise<City> {
    const made = new City();
    made.people = await Promise.all([3, 1, 5].map((role) => person(role)));
    made.keys = await Promise.all([pair(), pair(), pair(), pair()]);
    const [me] = made.people;
    const [older, newer, bureau, top] = made.keys;
    if (!me || !older || !newer || !bureau || !top) throw new Error("nobody");
    const { school } = made;
    const byId = [...made.people].sort((a, b) => (hex(a.id) < hex(b.id) ? -1 : 1));
    const members = [0, 1].map((epoch) => byId.map((one) => memberStatement(school, one, epoch)));
    const first = epochStatement(school, { number: 0, key: older.key, members: members[0] ?? [] });
    const second = epochStatement(school, { number: 1, key: newer.key, members: members[1] ?? [], previous: hash(first) });
    const context = { purpose: Purpose.OrganisationSeed, deployment: DEPLOYMENT, object: school.id, generation: 0, use: 0, commit: hash(newer.key) };
    const root = sealed.seal((await made.unlocked()).kek, concat(label("shudong/1 member root"), DEPLOYMENT, me.id), me.root);
    const above = (use: number, name: string, of: Office, key: Pair) =>
      ({ use, name, public_key: toBase64(key.key), statement: toBase64(epochStatement(of, { number: 0, key: key.key, members: [] })) });
    const named = (one: Person) => toBase64(memberStatement(school, one, 1));
    made.session = {
      csrf: "", deployment: toBase64(DEPLOYMENT), today: TODAY, refresh_seconds: 30, idle_seconds: 1800,
      limits: { acknowledge_days: 1, investigate_days: 10, confirmed: "" },
      member: { id: hex(me.id), account: "me", name: "李敏", role: me.role, statement: named(me), sealed_root: toBase64(root) },
      organisation: {
        id: hex(school.id), code: "", name: "", level: 2,
        colleagues: made.people.map((one) => ({ id: hex(one.id), name: hex(one.id), role: one.role, kem: toBase64(one.kem.key), statement: named(one) })),
        chain: made.chain(),
        epochs: [
          {
            epoch: 1, statement: toBase64(second), members: (members[1] ?? []).map(toBase64), public_key: toBase64(newer.key),
            wrap: toBase64(await wrap(newer.seed, me.kem.key, context)),
            back: toBase64(sealed.seal(kdf(newer.seed, "back"), concat(school.id, u32(0)), older.seed)),
          },
          { epoch: 0, statement: toBase64(first), members: (members[0] ?? []).map(toBase64), public_key: toBase64(older.key), wrap: null, back: null },
        ],
      },
      above: [above(1, "bureau", made.bureau, bureau), above(2, "city", made.city, top)],
    };
    return made;
  }

  chain = (): string[] => [this.city, this.bureau, this.school].map((of) => toBase64(of.identity));
  unlocked = async () => unlock(PASSPHRASE, SALT, argon2id);
}

/** The server of a test: what it answers, and what it was asked. */
export function serve(answers: Record<string, unknown>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: string, init: { method: string; body: string | null }) => {
    const name = `${init.method} ${path.replace("/desk/api/v1", "")}`;
    asked.push(`${name} ${init.body ?? ""}`);
    const answer = name === "POST /salt" ? { salt: toBase64(SALT) } : answers[name];
    return Promise.resolve(new Response(answer === undefined ? null : JSON.stringify(answer), { status: answer === undefined ? 204 : 200 }));
  });
  return asked;
}

/** A letter to the whole school and what was said about it. */
export class Letter {
  readonly key = random(32);
  readonly dossierKey = random(32);
  readonly reporter = random(32);
  readonly commit = commitOf(this.key);
  readonly id: Bytes;
  tip: Bytes;
  private readonly heads = new Map<number, { seq: number; prev: Bytes }>();

  constructor(readonly city: City, exclude: string[] = ["nobody"]) {
    const signing = signingOf(this.reporter);
    this.id = caseId(DEPLOYMENT, city.school.id, signing, this.commit);
    this.tip = sealRecord(this.head(Kind.Tip, Side.Reporter), tipPreface(signing, new Uint8Array(1216)), { v: 1, text: "tip", exclude }, this.reporter, this.key);
    this.heads.set(Side.Reporter, { seq: 1, prev: hash(this.tip) });
  }

  head(kind: number, side: number) {
    const { seq, prev } = this.heads.get(side) ?? { seq: 0, prev: new Uint8Array(32) };
    return { kind, side, generation: 0, seq, deployment: DEPLOYMENT, case: this.id, object: this.id, prev };
  }

  private taken(side: number, record: Bytes): Bytes {
    this.heads.set(side, { seq: this.head(0, side).seq + 1, prev: hash(record) });
    return record;
  }

  says(text: string, author = this.reporter): Bytes {
    const head = this.head(Kind.Message, Side.Reporter);
    return this.taken(Side.Reporter, sealRecord(head, reporterPreface(SEEN_NOTHING), { v: 1, text }, author, this.key));
  }

  answers(text: string, by: Person, epoch = 1, of = this.city.school, author = by.sign): Bytes {
    const head = this.head(Kind.Message, Side.Committee);
    return this.taken(Side.Committee, sealRecord(head, memberPreface(memberStatement(of, by, epoch), SEEN_NOTHING), { v: 1, text }, author, this.key));
  }

  private inDossier(kind: number, content: unknown, by: Person, of = this.city.school): Bytes {
    const head = this.head(kind, Side.Dossier);
    return this.taken(Side.Dossier, sealRecord(head, memberPreface(memberStatement(of, by, 1), SEEN_NOTHING), content, by.sign, this.dossierKey));
  }

  notes = (text: string, by: Person): Bytes => this.inDossier(Kind.Note, { v: 1, text }, by);
  beginsDossier = (by: Person, commit = commitOf(this.dossierKey), of = this.city.school): Bytes => this.inDossier(Kind.Key, { v: 1, commit: hex(commit) }, by, of);

  /** As the server would hand it out: `records` by side, whatever they are. */
  async served(records: [side: number, record: Bytes][], options: { dossier?: boolean; holders?: string[] } = {}): Promise<Case> {
    const to = this.city.keys[1]?.key ?? new Uint8Array();
    const context = { deployment: DEPLOYMENT, object: this.id, generation: 0, use: 0 };
    const wrapped = async (purpose: number, key: Bytes): Promise<string> => toBase64(await wrap(key, to, { ...context, purpose, commit: commitOf(key) }));
    return {
      summary: {
        id: hex(this.id), stage: 1, urgent: false, seen_day: TODAY, due: null, commit: toBase64(this.commit),
        wrap: await wrapped(Purpose.Case, this.key), holders: options.holders ?? [hex(keyId(to))], cache: null, tip: toBase64(this.tip), answer: null, said: [], heads: [],
      },
      records: records.map(([side, bytes], seq) => ({ side, seq: side === Side.Dossier ? seq : seq + 1, day: TODAY, bytes: toBase64(bytes) })),
      dossier: options.dossier ? { commit: toBase64(commitOf(this.dossierKey)), wrap: await wrapped(Purpose.Dossier, this.dossierKey), cache: null } : null,
      seen_by: [],
    };
  }
}
