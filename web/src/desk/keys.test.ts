// Whatever an altered server says of keys, the desk believes only what the chain of statements says.
import { beforeAll, describe, expect, test } from "vitest";
import { argon2id } from "../engine/wasm";
import { type Bytes, Refused, fromBase64, hex, toBase64 } from "../envelope/bytes";
import { hash } from "../envelope/kdf";
import type { Session } from "./api";
import { City, PASSPHRASE, epochStatement, memberStatement, office, pair, person, serve } from "./fixture";
import { Keys } from "./keys";
import { verified } from "./trust";

let city: City;
let stranger: { key: Bytes };
beforeAll(async () => {
  city = await City.found();
  stranger = await pair();
});

type Alter = (session: Session) => void;
const altered = (alter: Alter): Session => {
  const session = structuredClone(city.session);
  alter(session);
  return session;
};
const at = <T>(list: T[], i: number): T => {
  const one = list[i];
  if (one === undefined) throw new Error("no such thing");
  return one;
};

test("what is signed is accepted, to the last key", () => {
  const trusted = verified(city.session);
  expect(trusted.colleagues.map((one) => toBase64(one.kem))).toEqual(city.people.map((one) => toBase64(one.kem.key)));
  expect(trusted.epochs).toHaveLength(2);
  expect(trusted.above.map((one) => one.use)).toEqual([1, 2]);
  expect(trusted.members).toHaveLength(3);
});

test("a newcomer whom no epoch names is no recipient, and no reason to refuse", () => {
  const trusted = verified(altered((s) => (at(s.organisation.colleagues, 1).statement = null)));
  expect(trusted.colleagues).toHaveLength(2);
});

const evil = office(2, null);
const swaps: Record<string, Alter> = {
  "a colleague's key": (s) => (at(s.organisation.colleagues, 1).kem = toBase64(stranger.key)),
  "two colleagues' keys, one for the other": (s) => {
    const [a, b] = [at(s.organisation.colleagues, 1), at(s.organisation.colleagues, 2)];
    [a.kem, b.kem] = [b.kem, a.kem];
  },
  "a colleague's statement for another's": (s) => {
    const [a, b] = [at(s.organisation.colleagues, 1), at(s.organisation.colleagues, 2)];
    Object.assign(a, { kem: b.kem, statement: b.statement });
  },
  "a colleague's role": (s) => (at(s.organisation.colleagues, 1).role = 3),
  "an epoch's key": (s) => (at(s.organisation.epochs, 0).public_key = toBase64(stranger.key)),
  "an older epoch's key": (s) => (at(s.organisation.epochs, 1).public_key = toBase64(stranger.key)),
  "an epoch's number": (s) => (at(s.organisation.epochs, 0).epoch = 7),
  "an epoch without one of its members": (s) => void at(s.organisation.epochs, 0).members.pop(),
  "the order of epochs": (s) => s.organisation.epochs.reverse(),
  "the key of the level above": (s) => (at(s.above, 0).public_key = toBase64(stranger.key)),
  "the city for the level above": (s) => (at(s.above, 1).use = 1),
  "a level above that does not exist": (s) => (at(s.above, 1).use = 3),
  "a use that is the organisation itself": (s) => (at(s.above, 0).use = 0),
  "a level above whose epoch is over": (s) => (s.today += 61),
  "a chain that ends at the bureau": (s) => void s.organisation.chain.pop(),
  "a chain without the bureau": (s) => void s.organisation.chain.splice(1, 1),
  "a school that signed itself": (s) => (s.organisation.chain[2] = toBase64(evil.identity)),
  "a foreign chain": (s) => (s.organisation.chain = new City().chain()),
  "another deployment": (s) => (s.deployment = toBase64(new Uint8Array(16))),
  "another level": (s) => (s.organisation.level = 1),
};
describe("an altered session is refused", () => {
  test.each(Object.entries(swaps))("%s", (_, alter) => {
    expect(() => verified(altered(alter))).toThrow(Refused);
  });
});

describe("statements of the school's own that break a rule are refused", () => {
  const epoch = (s: Session, change: { days?: number; previous?: Bytes }): void => {
    const newest = at(s.organisation.epochs, 0);
    const members = newest.members.map(fromBase64);
    const previous = hash(fromBase64(at(s.organisation.epochs, 1).statement));
    newest.statement = toBase64(epochStatement(city.school, { number: 1, key: fromBase64(newest.public_key), members, previous, ...change }));
  };
  test("this way of making them is right as such", () => expect(() => verified(altered((s) => epoch(s, {})))).not.toThrow());
  test("an epoch longer than 90 days", () => expect(() => verified(altered((s) => epoch(s, { days: 91 })))).toThrow(Refused));
  test("an epoch that does not follow the one before", () =>
    expect(() => verified(altered((s) => epoch(s, { previous: hash(new Uint8Array(1)) })))).toThrow(Refused));
  test("a colleague whom the epoch does not count", async () => {
    const one = await person(4);
    const more = { id: hex(one.id), name: "", role: 4, kem: toBase64(one.kem.key), statement: toBase64(memberStatement(city.school, one, 1)) };
    expect(() => verified(altered((s) => s.organisation.colleagues.push(more)))).toThrow(Refused);
  });
});

describe("signing in", () => {
  const signIn = (session: Session): { asked: string[]; keys: Promise<Keys> } => {
    const asked = serve({ "POST /session": session });
    return { asked, keys: Keys.signIn("me", PASSPHRASE, argon2id) };
  };
  test("opens what is signed", async () => {
    const { asked, keys } = signIn(city.session);
    expect((await keys).trusted.epochs).toHaveLength(2);
    expect(asked.map((line) => line.split(" ", 2).join(" "))).toEqual(["POST /salt", "POST /session"]);
  });
  test.each<[string, Alter]>([
    ["swapped key", (s) => (at(s.organisation.colleagues, 1).kem = toBase64(stranger.key))],
    ["own statement of a colleague", (s) => (s.member.statement = at(s.organisation.colleagues, 1).statement ?? "")],
    ["own root of somebody else", (s) => (s.member.id = at(s.organisation.colleagues, 1).id)],
  ])("refuses a %s and ends the session", async (_, alter) => {
    const { asked, keys } = signIn(altered(alter));
    await expect(keys).rejects.toThrow(Refused);
    expect(asked.at(-1)).toContain("DELETE /session");
  });
  test("forgotten keys are zeros and open nothing", async () => {
    const keys = await signIn(city.session).keys;
    const { member } = keys;
    expect(member.kem.some((byte) => byte !== 0)).toBe(true);
    keys.forget();
    for (const secret of [member.kem, member.sign, member.cache]) expect([...secret]).toEqual(new Array(32).fill(0));
    await expect(keys.open(1, "00".repeat(16), "", null, new Uint8Array(32))).rejects.toThrow(Refused);
  });
});
