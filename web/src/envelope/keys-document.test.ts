// Who speaks for whom: what a `keys` document must hold, with and without a pin, and handovers.
// Beside every refusal stands the document that nobody touched, which is accepted.
import { describe, expect, test } from "vitest";
import { type Bytes, concat, hex, u32 } from "./bytes";
import { DAY, type Item, type ItemName, Town, documentOf, fill, reasonOf, signed } from "./fixture";
import { hash } from "./kdf";
import { publicOf as kemPublic } from "./kem";
import { KEYS, pin, successors, verifyKeys } from "./keys-document";
import { publicOf } from "./sign";

const pinOf = (town: Town): Bytes => pin(publicOf(town.city.seed), publicOf(town.school.seed));
const verdict = (town: Town, items: readonly Item[], pinned: Bytes | null): Promise<string> =>
  reasonOf(() => verifyKeys(documentOf(items), town.code, pinned));

/** The `nth` item of that name. */
function find(items: Item[], name: ItemName, nth = 0): Item {
  const found = items.filter((item) => item.name === name)[nth];
  if (!found) throw new Error(`no ${name} ${String(nth)}`);
  return found;
}

const without = (items: Item[], unwanted: Item): void => void items.splice(items.indexOf(unwanted), 1);

/** An epoch of the school's that counts the members shown. */
async function recount(town: Town, items: Item[], signer: Bytes): Promise<void> {
  const shown = items.filter((item) => item.name === "member").map((item) => item.value);
  find(items, "epoch", 2).value = await town.epochOf(town.school, shown, signer);
}

test("the untouched document is accepted", async () => {
  const town = new Town();
  const bytes = await town.document();
  expect(bytes.length).toBe(KEYS);
  const verified = verifyKeys(bytes, town.code, pinOf(town));
  expect([verified.holder, verified.members.length, verified.rosterValid, verified.pinned]).toEqual([2, 4, true, true]);
  expect(await reasonOf(() => verifyKeys(bytes, town.bureau.code, pinOf(town)))).toBe("statement");
  expect(await reasonOf(() => verifyKeys(bytes.slice(1), town.code, null))).toBe("length");
});

describe("under a pin", () => {
  test.each(["city", "school"] as const)("a whole %s that was made up is refused, though every signature holds", async (which) => {
    const real = new Town();
    const invented = new Town();
    invented[which].seed = fill(0xa0, 32);
    const items = await invented.items();
    // Without a pin nothing tells: trust on first use. That is what the pin is for.
    expect(await verdict(real, items, null)).toBe("accepted");
    expect(await verdict(real, items, pinOf(real))).toBe("statement");
    expect(await verdict(real, await real.items(), pinOf(real))).toBe("accepted");
  });

  test("a school cannot be made to vanish", async () => {
    const town = new Town();
    const items = await town.items();
    without(items, find(items, "identity", 2));
    expect(verifyKeys(documentOf(items), town.code, null).holder).toBe(1);
    expect(await verdict(town, items, pinOf(town))).toBe("statement");
  });
});

describe("a swap is refused, with a pin and without", () => {
  const other = async (): Promise<Bytes> => kemPublic(fill(0xa2, 32));
  const spoken = (town: Town, name: "service" | "intake", signer: Bytes, key: Bytes, from: number, until: number): Bytes =>
    signed(signer, name, concat(town.deployment, key, u32(from), u32(until)));
  const swaps: [string, string, (town: Town, items: Item[]) => Promise<void> | void][] = [
    ["bureau identity, signed by the server", "signature", (town, items) => {
      find(items, "identity", 1).value = town.identityOf({ ...town.bureau, seed: fill(0xa0, 32) }, town.city, town.service);
    }],
    ["bureau identity, signed by the city", "signature", async (town, items) => {
      const bureau = { ...town.bureau, seed: fill(0xa0, 32) };
      find(items, "identity", 1).value = town.identityOf(bureau, town.city);
      find(items, "epoch", 1).value = await town.epochOf(bureau, []);
    }],
    ["bureau's level no higher than the school's", "statement", (town, items) => {
      find(items, "identity", 1).value = town.identityOf({ ...town.bureau, level: 2 }, town.city);
    }],
    ["epoch, signed by the server", "signature", async (town, items) => {
      find(items, "epoch", 1).value = await town.epochOf(town.bureau, [], town.service);
    }],
    ["epoch of another organisation", "statement", async (town, items) => {
      find(items, "epoch", 1).value = await town.epochOf(town.school, [], town.bureau.seed);
    }],
    ["epoch longer than a quarter", "statement", async (town, items) => {
      const body = concat(town.deployment, town.bureau.id, u32(5), u32(DAY - 20), u32(DAY + 71), hash(await kemPublic(town.bureau.kem)), hash(), fill(0, 32));
      find(items, "epoch", 1).value = signed(town.bureau.seed, "epoch", body);
    }],
    ["organisation key", "statement", async (_town, items) => void (find(items, "organisationKey", 2).value = await other())],
    ["bureau's organisation key", "statement", async (_town, items) => void (find(items, "organisationKey", 1).value = await other())],
    ["intake key", "statement", async (_town, items) => void (find(items, "intakeKey").value = await other())],
    ["intake key and statement, by another service", "signature", async (town, items) => {
      find(items, "intakeKey").value = await other();
      find(items, "intake").value = spoken(town, "intake", fill(0xa4, 32), hash(await other()), DAY, DAY);
    }],
    ["service key", "signature", (town, items) => {
      find(items, "service").value = spoken(town, "service", fill(0xa4, 32), publicOf(fill(0xa4, 32)), DAY, DAY);
    }],
    ["intake statement of yesterday", "statement", async (town, items) => {
      find(items, "intake").value = spoken(town, "intake", town.service, hash(await kemPublic(town.intake)), DAY - 8, DAY - 1);
    }],
    ["member key", "statement", async (_town, items) => void (find(items, "memberKey", 1).value = await other())],
    ["member statement and key, signed by the server", "statement", async (town, items) => {
      find(items, "memberKey", 1).value = await other();
      find(items, "member", 1).value = town.memberOf(town.people[1], { ...town.school, seed: town.service }, await other());
    }],
    // A member's own signature is not read: what holds is the epoch's, over the bytes of all.
    ["member statement and key, and an epoch that counts them, signed by the server", "signature", async (town, items) => {
      find(items, "memberKey", 1).value = await other();
      find(items, "member", 1).value = town.memberOf(town.people[1], town.school, await other());
      await recount(town, items, town.service);
    }],
    ["a member more than the epoch says", "statement", async (town, items) => {
      const who = { id: fill(0xa6), role: 3, sign: fill(0xa7, 32), kem: fill(0xa2, 32) };
      const at = items.indexOf(find(items, "service"));
      items.splice(at, 0, { name: "member", value: town.memberOf(who, town.school, await other()) }, { name: "memberKey", value: await other() });
    }],
    ["a member left out", "statement", (_town, items) => {
      without(items, find(items, "member", 3));
      without(items, find(items, "memberKey", 3));
    }],
    ["members turned round", "statement", (_town, items) => {
      const first = items.indexOf(find(items, "member", 0));
      items.splice(first, 4, ...items.slice(first + 2, first + 4), ...items.slice(first, first + 2));
    }],
    ["deployment", "statement", (_town, items) => void (find(items, "deployment").value = fill(8))],
    ["city root, alone", "signature", (town, items) => {
      const false_ = { ...town.city, seed: fill(0xa0, 32) };
      find(items, "identity", 0).value = town.identityOf(false_, false_);
    }],
    ["a code of seven characters", "length", (_town, items) => {
      const last = find(items, "organisation", 0);
      last.value = last.value.slice(0, 7);
    }],
  ];
  test.each(swaps)("%s", async (_name, reason, swap) => {
    const town = new Town();
    const items = await town.items();
    expect(await verdict(town, items, pinOf(town))).toBe("accepted");
    await swap(town, items);
    expect(await verdict(town, items, pinOf(town))).toBe(reason);
    expect(await verdict(town, items, null)).toBe(reason);
  });
});

test("the epoch alone speaks for its members", async () => {
  const town = new Town();
  const items = await town.items();
  const last = find(items, "member", 1).value;
  last[184] = (last[184] ?? 0) ^ 1;
  await recount(town, items, town.school.seed);
  expect(await verdict(town, items, pinOf(town))).toBe("accepted");
  await recount(town, items, town.service);
  expect(await verdict(town, items, null)).toBe("signature");
});

test("a roster confirms exactly these members or nobody", async () => {
  const town = new Town();
  const valid = (items: readonly Item[]): boolean => verifyKeys(documentOf(items), town.code, null).rosterValid;
  const items = await town.items();
  expect(valid(items)).toBe(true);
  const roster = find(items, "roster");
  const body = roster.value.slice(0, 68);
  roster.value = signed(town.school.seed, "roster", body);
  expect(valid(items)).toBe(false);
  roster.value = signed(town.bureau.seed, "roster", concat(body.slice(0, 32), u32(DAY - 1), body.slice(36)));
  expect(valid(items)).toBe(false);
  without(items, roster);
  expect(valid(items)).toBe(false);
  // The chair signs epochs and invents a colleague, whom the parent's roster does not know.
  const invented = new Town();
  invented.people.push({ id: fill(0xa6), role: 3, sign: fill(0xa7, 32), kem: fill(0xa8, 32) });
  const more = await invented.items();
  expect(valid(more)).toBe(true);
  find(more, "roster").value = find(await town.items(), "roster").value;
  expect(valid(more)).toBe(false);
});

// The same cases as in the Rust suite.
describe("handovers", () => {
  const key = (n: number): Bytes => fill(n, 32);
  const of = (n: number): Bytes => publicOf(key(n));

  /** Keys 0xb0, 0xb1, … hand over to each other and at last to the school's. */
  const row = (town: Town, length: number): Bytes[] =>
    Array.from({ length }, (_, n) => town.handoverOf(town.school, key(0xb0 + n), n + 1 === length ? town.school.seed : key(0xb1 + n)));

  const verified = async (town: Town, handovers: Bytes[]) => {
    town.handovers = handovers;
    const level = verifyKeys(await town.document(), town.code, pinOf(town)).levels[2];
    if (!level) throw new Error("no school");
    return level;
  };

  test.each([0, 1, 2, 3, 4])("%i in a row lead to the key that the parent names", async (length) => {
    const town = new Town();
    const school = await verified(town, row(town, length));
    for (let at = 0; at < length; at++) {
      const heirs = successors(school, of(0xb0 + at));
      expect([heirs.length, hex(heirs[heirs.length - 1] ?? fill(0))]).toEqual([length - at, hex(school.key)]);
    }
    expect(successors(school, school.key)).toEqual([]);
    expect(successors(school, of(0xc0))).toEqual([]);
  });

  const bad: [string, string, (town: Town, good: Bytes[]) => Bytes[]][] = [
    ["five", "length", (town) => row(town, 5)],
    ["forged", "signature", (town, good) => good.map((one, i) => (i === 1 ? town.handoverOf(town.school, town.service, key(0xb2)) : one))],
    ["of another organisation", "statement", (town, good) => [town.handoverOf(town.bureau, key(0xb0), key(0xb1)), ...good.slice(1)]],
    ["of another deployment", "statement", (town, good) => [signed(key(0xb0), "handover", concat(fill(8), town.school.id, of(0xb1))), ...good.slice(1)]],
    ["ending in another key than the parent names", "statement", (town, good) => [...good.slice(0, 2), town.handoverOf(town.school, key(0xb2), key(0xc0))]],
    ["whose first is short", "length", (_town, good) => [(good[0] ?? fill(0)).slice(0, 127), ...good.slice(1)]],
    ["whose second is short", "length", (_town, good) => good.map((one, i) => (i === 1 ? one.slice(0, 127) : one))],
    ["turned round", "signature", (_town, good) => good.slice().reverse()],
  ];
  test.each(bad)("%s are refused", async (_name, reason, change) => {
    const town = new Town();
    const good = row(town, 3);
    expect(await reasonOf(() => verified(town, good))).toBe("accepted");
    expect(await reasonOf(() => verified(town, change(town, good)))).toBe(reason);
  });

  test("the first signature counts for who knows the old key", async () => {
    const town = new Town();
    const forged = await verified(town, [town.handoverOf(town.school, town.service, town.school.seed)]);
    expect(successors(forged, of(0xb0))).toEqual([]);
    const honest = await verified(town, row(town, 1));
    expect(successors(honest, of(0xb0)).map(hex)).toEqual([hex(honest.key)]);
  });

  test("a pin names the present key only", async () => {
    const town = new Town();
    town.handovers = row(town, 1);
    const items = await town.items();
    expect(await verdict(town, items, pin(publicOf(town.city.seed), of(0xb0)))).toBe("statement");
    expect(await verdict(town, items, pinOf(town))).toBe("accepted");
  });
});
