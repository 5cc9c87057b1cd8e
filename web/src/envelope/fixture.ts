// A town for tests: a city, a bureau and a school with its members, and the `keys` document that shows them.
import { type Bytes, Refused, concat, padded, u32, u8, utf8 } from "./bytes";
import { hash } from "./kdf";
import { publicOf as kemPublic } from "./kem";
import { KEYS } from "./keys-document";
import { publicOf, sign } from "./sign";
import { rosterHash } from "./statement";

export const fill = (n: number, length = 16): Bytes => new Uint8Array(length).fill(n);
export const DAY = 20_000;

export const signed = (seed: Bytes, name: string, body: Bytes): Bytes => concat(body, sign(seed, name, body));

/** The reason of a refusal, or "accepted"; any other exception is a failure of its own. */
export async function reasonOf(deed: () => unknown): Promise<string> {
  try {
    await deed();
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
  return "accepted";
}

export interface Organisation { id: Bytes; level: number; code: string; name: string; seed: Bytes; epoch: number; kem: Bytes }
export interface Person { id: Bytes; role: number; sign: Bytes; kem: Bytes }

const organisation = (n: number, level: number, name: string): Organisation =>
  ({ id: fill(n), level, code: `AB12CD3${String(level)}`, name, seed: fill(n + 1, 32), epoch: 5, kem: fill(n + 2, 32) });
const person = (n: number, role: number): Person => ({ id: fill(n), role, sign: fill(n + 1, 32), kem: fill(n + 2, 32) });

/** Item types of the document. */
export const ITEM = {
  deployment: 1, now: 2, about: 3, organisation: 4, identity: 5, handover: 6, epoch: 7, organisationKey: 8, roster: 9, member: 10,
  memberKey: 11, service: 12, intake: 13, intakeKey: 14, challenge: 15,
} as const;
export type ItemName = keyof typeof ITEM;
export interface Item { name: ItemName; value: Bytes }

export function documentOf(items: readonly Item[]): Bytes {
  const parts = items.map(({ name, value }) => concat(u8(ITEM[name]), u8(value.length >>> 8), u8(value.length & 255), value));
  return padded(concat(...parts), KEYS);
}

/** Secrets are public on purpose: tests sign with them, rightly and wrongly. */
export class Town {
  deployment = fill(9);
  city = organisation(0x10, 0, "Xining");
  bureau = organisation(0x20, 1, "Huangyuan bureau");
  school = organisation(0x30, 2, "Chengguan school");
  people: [Person, Person, Person, Person, ...Person[]] = [person(0x40, 1), person(0x50, 3), person(0x60, 4), person(0x70, 5)];
  service = fill(0x81, 32);
  intake = fill(0x82, 32);
  /** Handovers shown for the school, oldest first. */
  handovers: Bytes[] = [];

  get code(): string {
    return this.school.code;
  }

  identityOf(child: Organisation, parent: Organisation, signer = parent.seed): Bytes {
    const body = concat(this.deployment, parent.id, child.id, u8(child.level), u32(1), u32(DAY + 300), publicOf(child.seed));
    return signed(signer, "identity", body);
  }

  memberOf(one: Person, home: Organisation, kem: Bytes, epoch = home.epoch, deployment = this.deployment): Bytes {
    const body = concat(deployment, home.id, one.id, u8(one.role), u32(epoch), u32(DAY + 60), publicOf(one.sign), hash(kem));
    return signed(home.seed, "member", body);
  }

  async epochOf(home: Organisation, members: readonly Bytes[], signer = home.seed): Promise<Bytes> {
    const key = await kemPublic(home.kem);
    const body = concat(
      this.deployment, home.id, u32(home.epoch), u32(DAY - 20), u32(DAY + 60), hash(key), hash(...members), new Uint8Array(32),
    );
    return signed(signer, "epoch", body);
  }

  handoverOf(home: Organisation, from: Bytes, to: Bytes): Bytes {
    return signed(from, "handover", concat(this.deployment, home.id, publicOf(to)));
  }

  async items(): Promise<Item[]> {
    const item = (name: ItemName, value: Bytes): Item => ({ name, value });
    const kems = await Promise.all(this.people.map((one) => kemPublic(one.kem)));
    const members = this.people.map((one, i) => this.memberOf(one, this.school, kems[i] ?? fill(0, 0)));
    const confirmed = this.people.map((one, i) => ({ member: one.id, role: one.role, signing: publicOf(one.sign), kemHash: hash(kems[i] ?? fill(0, 0)) }));
    const level = async (home: Organisation, parent: Organisation): Promise<Item[]> => [
      item("organisation", utf8(home.code + home.name)),
      item("identity", this.identityOf(home, parent)),
      ...(home === this.school ? this.handovers.map((one) => item("handover", one)) : []),
      item("epoch", await this.epochOf(home, home === this.school ? members : [])),
      item("organisationKey", await kemPublic(home.kem)),
    ];
    const intakeKey = await kemPublic(this.intake);
    return [
      item("deployment", this.deployment),
      item("now", concat(u32(DAY * 24), u32(DAY))),
      item("about", utf8(this.code)),
      ...(await level(this.city, this.city)),
      ...(await level(this.bureau, this.city)),
      ...(await level(this.school, this.bureau)),
      item("roster", signed(this.bureau.seed, "roster", concat(this.deployment, this.school.id, u32(DAY + 60), rosterHash(confirmed)))),
      ...members.flatMap((one, i) => [item("member", one), item("memberKey", kems[i] ?? fill(0, 0))]),
      item("service", signed(this.city.seed, "service", concat(this.deployment, publicOf(this.service), u32(DAY - 1), u32(DAY + 300)))),
      item("intake", signed(this.service, "intake", concat(this.deployment, hash(intakeKey), u32(DAY - 1), u32(DAY + 6)))),
      item("intakeKey", intakeKey),
      item("challenge", concat(u8(0), fill(0x5a, 32))),
    ];
  }

  async document(): Promise<Bytes> {
    return documentOf(await this.items());
  }
}
