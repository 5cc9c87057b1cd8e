// What a server, a stranger or a former member could slip into a case is marked, never shown.
import { beforeAll, describe, expect, test, vi } from "vitest";
import { argon2id } from "../engine/wasm";
import { type Bytes, fromBase64, hex, toBase64 } from "../envelope/bytes";
import { random } from "../envelope/kdf";
import { keyId } from "../envelope/kem";
import { Side } from "../envelope/record";
import { recipient } from "../envelope/wrap";
import type { Case } from "./api";
import { City, Letter, PASSPHRASE, type Person, office, person, serve } from "./fixture";
import { Keys } from "./keys";
import { Thread, openSummary } from "./thread";

let city: City;
let keys: Keys;
let me: Person;
let colleague: Person;
beforeAll(async () => {
  city = await City.found();
  const [a, b] = city.people;
  if (!a || !b) throw new Error("nobody");
  [me, colleague] = [a, b];
  serve({ "POST /session": city.session });
  keys = await Keys.signIn("me", PASSPHRASE, argon2id);
});

const load = async (raw: Case): Promise<Thread> => {
  serve({ [`GET /cases/${raw.summary.id}`]: raw });
  return Thread.load(keys, raw.summary.id);
};
/** The texts shown; null for what is marked. */
const shown = (thread: Thread): (string | null)[] => thread.entries.map((entry) => (entry.trusted ? entry.text : null));
const reads = async (letter: Letter, side: number, records: Bytes[]): Promise<(string | null)[]> =>
  shown(await load(await letter.served(records.map((record) => [side, record]))));
const flipped = (record: Bytes, place = record.length - 1): Bytes => {
  const bytes = record.slice();
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  return bytes;
};

const SIDES = [["reporter", Side.Reporter], ["committee", Side.Committee]] as const;
describe.each(SIDES)("on the side of the %s", (_, side) => {
  const say = (letter: Letter, text: string): Bytes => (side === Side.Reporter ? letter.says(text) : letter.answers(text, me));
  const three = (): { letter: Letter; a: Bytes; b: Bytes; c: Bytes } => {
    const letter = new Letter(city);
    return { letter, a: say(letter, "a"), b: say(letter, "b"), c: say(letter, "c") };
  };

  test("true ones are shown", async () => {
    const { letter, a, b, c } = three();
    expect(await reads(letter, side, [a, b, c])).toEqual(["a", "b", "c"]);
  });
  test("a spoilt one is marked, those around it are shown", async () => {
    const { letter, a, b, c } = three();
    expect(await reads(letter, side, [a, flipped(b), c])).toEqual(["a", null, "c"]);
    expect(await reads(letter, side, [a, b, flipped(c)])).toEqual(["a", "b", null]);
  });
  test("a changed head is marked", async () => {
    const { letter, a, b } = three();
    for (const place of [1, 2, 3, 7, 8, 24, 40, 56]) expect(await reads(letter, side, [a, flipped(b, place)])).toEqual(["a", null]);
  });
  test("a replayed one is marked, and all behind it", async () => {
    const { letter, a, b } = three();
    expect(await reads(letter, side, [a, a, b])).toEqual(["a", null, null]);
  });
  test("reordered ones are marked", async () => {
    const { letter, a, b, c } = three();
    expect(await reads(letter, side, [b, a, c])).toEqual([null, null, "c"]);
  });
  test("behind a gap nothing is shown", async () => {
    const { letter, a, c } = three();
    expect(await reads(letter, side, [a, c])).toEqual(["a", null]);
    expect(await reads(letter, side, [c])).toEqual([null]);
  });
  test("one of another case is marked", async () => {
    const other = new Letter(city);
    expect(await reads(new Letter(city), side, [say(other, "a")])).toEqual([null]);
  });
  test("one that a stranger signed is marked", async () => {
    const letter = new Letter(city);
    const forged = side === Side.Reporter
      ? letter.says("forged", random(32))
      : letter.answers("forged", await person(3), 1, office(2, city.bureau));
    expect(await reads(letter, side, [forged])).toEqual([null]);
  });
  test("one of the other side is marked", async () => {
    const letter = new Letter(city);
    const other = side === Side.Reporter ? letter.answers("x", me) : letter.says("x");
    expect(await reads(letter, side, [other])).toEqual([null]);
  });
});

test("an epoch must not fall; it may rise", async () => {
  const rising = new Letter(city);
  expect(await reads(rising, Side.Committee, [rising.answers("old", me, 0), rising.answers("new", me, 1)])).toEqual(["old", "new"]);
  const falling = new Letter(city);
  expect(await reads(falling, Side.Committee, [falling.answers("new", me, 1), falling.answers("old", colleague, 0)])).toEqual(["new", null]);
});

test("a member's statement with a colleague's signature is marked", async () => {
  const [own, forged] = [new Letter(city), new Letter(city)];
  expect(await reads(own, Side.Committee, [own.answers("x", me, 1, city.school, me.sign)])).toEqual(["x"]);
  expect(await reads(forged, Side.Committee, [forged.answers("x", me, 1, city.school, colleague.sign)])).toEqual([null]);
});

describe("the dossier", () => {
  const thread = async (letter: Letter, records: Bytes[]): Promise<Thread> =>
    load(await letter.served(records.map((record) => [Side.Dossier, record]), { dossier: true }));

  test("with a signed key its notes are shown", async () => {
    const letter = new Letter(city);
    const made = await thread(letter, [letter.beginsDossier(me), letter.notes("note", colleague)]);
    expect(shown(made)).toEqual(["", "note"]);
  });
  test("a key that no record signs opens nothing, and nothing is written under it", async () => {
    const letter = new Letter(city);
    const made = await thread(letter, [letter.notes("note", me)]);
    expect(shown(made)).toEqual([null]);
    await expect(made.note("mine")).rejects.toThrow("thread");
  });
  test.each<[string, (letter: Letter) => Promise<Bytes> | Bytes]>([
    ["another commitment", (letter) => letter.beginsDossier(me, random(32))],
    ["a stranger's signature", async (letter) => letter.beginsDossier(await person(3), undefined, office(2, city.bureau))],
  ])("a key record with %s counts for nothing", async (_, begin) => {
    const letter = new Letter(city);
    const made = await thread(letter, [await begin(letter), letter.notes("note", me)]);
    expect(shown(made)).toEqual([null, null]);
  });
});

describe("the letter", () => {
  test("is shown as it came, and not with a bit turned", async () => {
    const letter = new Letter(city);
    const { summary } = await letter.served([]);
    serve({});
    expect((await openSummary(keys, summary)).tip?.text).toBe("tip");
    expect((await openSummary(keys, { ...summary, tip: toBase64(flipped(letter.tip)) })).tip).toBeNull();
  });
  test("under another letter's id is not shown", async () => {
    const [one, other] = [new Letter(city), new Letter(city)];
    serve({});
    expect((await openSummary(keys, { ...(await one.served([])).summary, id: hex(other.id) })).tip).toBeNull();
  });
});

describe("writing", () => {
  const wraps = async (letter: Letter, holders?: string[]): Promise<string[]> => {
    const raw = await letter.served([], holders ? { holders } : {});
    const made = await load(raw);
    const asked = serve({});
    await made.note("note");
    const begun = asked.find((line) => line.includes("/dossier"));
    const body = JSON.parse(begun?.replace(/^\S+ \S+ /, "") ?? "{}") as { wraps: string[] };
    return body.wraps.map((one) => hex(recipient(fromBase64(one))));
  };
  const ids = (some: { key: Bytes }[]): string[] => some.map((one) => hex(keyId(one.key)));

  test("wraps the dossier's key to the holders and the levels above, and to nobody else", async () => {
    const [, newer, bureau, top] = city.keys;
    if (!newer || !bureau || !top) throw new Error("no keys");
    expect(await wraps(new Letter(city))).toEqual(ids([newer, bureau, top]));
  });
  test("to a holder whom no statement names: nothing", async () => {
    await expect(wraps(new Letter(city), ["00".repeat(16)])).rejects.toThrow("statement");
  });
  test("to whom the letter leaves out: nothing, whatever the server lists", async () => {
    const chair = hex(keyId(colleague.kem.key));
    const teacher = hex(keyId(me.kem.key));
    expect(await wraps(new Letter(city, ["chair"]), [teacher])).toContain(teacher);
    await expect(wraps(new Letter(city, ["chair"]), [teacher, chair])).rejects.toThrow("statement");
    await expect(wraps(new Letter(city, ["chair"]))).rejects.toThrow("statement");
  });
  test("nothing is written behind a record that is not to be trusted", async () => {
    const letter = new Letter(city);
    const raw = await letter.served([[Side.Committee, flipped(letter.answers("a", me))]]);
    const made = await load(raw);
    await expect(made.reply("more")).rejects.toThrow("thread");
  });
  test("the same words again after a lost answer are the same bytes again", async () => {
    const made = await load(await new Letter(city).served([]));
    const bodies: unknown[] = [];
    const lost = (_: string, init: { body: unknown }): Promise<Response> => {
      bodies.push(init.body);
      return Promise.reject(new Error("lost"));
    };
    vi.stubGlobal("fetch", lost);
    await expect(made.reply("a")).rejects.toThrow("network");
    await expect(made.reply("a")).rejects.toThrow("network");
    await expect(made.reply("b")).rejects.toThrow("network");
    expect(bodies[1]).toBe(bodies[0]);
    expect(bodies[2]).not.toBe(bodies[0]);
  });
});
