// Who will hold a letter: with one or two readers left, the one who was left out would know whom to press.
import { expect, test } from "vitest";
import { fill } from "./fixture";
import { CHAIR, holders } from "./holders";
import type { Colleague, Level, Verified } from "./keys-document";

const level = (number: number, working = true): Level => ({
  id: fill(number + 1), level: number, code: "", name: "", key: fill(number, 32), handovers: [],
  working: working ? { epoch: 1, key: fill(number, 1216) } : null,
});

const colleague = (role: number, n: number): Colleague => {
  const statement = {
    deployment: fill(0), organisation: fill(3), member: fill(n), role, epoch: 1, until: 0, signing: fill(n, 32), kemHash: fill(n, 32),
  };
  return { statement, kem: fill(n, 1216) };
};

/** A school under bureau and city; its members have these roles. */
function keys(roles: readonly number[], rosterValid = true, levels = [level(0), level(1), level(2)]): Verified {
  return {
    deployment: fill(0), hour: 0, day: 0, about: "", root: fill(0, 32), levels, holder: levels.map((one) => one.working !== null).lastIndexOf(true),
    members: roles.map(colleague), rosterValid, intake: fill(0, 1216), pinned: false,
  };
}

/** Position of the level that holds, and how many singly; 0 for its organisation key. */
function who(of: Verified, roles: readonly number[], past = false): [number, number] | null {
  const found = holders(of, roles, past);
  return found && [found.position, found.kind === "members" ? found.members.length : 0];
}

test("nobody is left out: the committee as a whole", () => {
  expect(who(keys([CHAIR, 3, 4]), [])).toEqual([2, 0]);
  // A role that nobody has leaves nobody out.
  expect(who(keys([CHAIR, 3, 4]), [9])).toEqual([2, 0]);
  // Even a committee of two: it is no secret who they are.
  expect(who(keys([CHAIR, 3]), [])).toEqual([2, 0]);
});

test("three remain: they singly; two remain: the bureau", () => {
  expect(who(keys([CHAIR, 3, 4, 5]), [3])).toEqual([2, 3]);
  expect(who(keys([CHAIR, 3, 4]), [3])).toEqual([1, 0]);
  expect(who(keys([CHAIR, 3, 3, 4, 5]), [3])).toEqual([2, 3]);
  expect(who(keys([CHAIR, 3, 4, 5, 6]), [3, 4])).toEqual([2, 3]);
  expect(who(keys([CHAIR, 3, 4, 5]), [3, 4])).toEqual([1, 0]);
});

test("those who remain are exactly those not left out", () => {
  const found = holders(keys([CHAIR, 3, 4, 5]), [3], false);
  if (found?.kind !== "members") throw new Error("not singly");
  expect(found.members.map((one) => one.statement.role)).toEqual([CHAIR, 4, 5]);
});

test("the chair is left out: only a roster of the parent's tells that the others are real", () => {
  expect(who(keys([CHAIR, 3, 4, 5], true), [CHAIR])).toEqual([2, 3]);
  expect(who(keys([CHAIR, 3, 4, 5], false), [CHAIR])).toEqual([1, 0]);
  // Without the chair among the left out no roster is asked for.
  expect(who(keys([CHAIR, 3, 4, 5], false), [3])).toEqual([2, 3]);
  // A committee without a chair has none to leave out.
  expect(who(keys([3, 4, 5], false), [CHAIR])).toEqual([2, 0]);
});

test("past the school: the bureau, whoever remains", () => {
  expect(who(keys([CHAIR, 3, 4, 5]), [], true)).toEqual([1, 0]);
  expect(who(keys([CHAIR, 3, 4, 5]), [3], true)).toEqual([1, 0]);
  // Even if the school shows no members at all.
  expect(who(keys([]), [], true)).toEqual([1, 0]);
  expect(who(keys([]), [], false)).toEqual([2, 0]);
});

test("the level above is the next that works", () => {
  const lapsed = [level(0), level(1, false), level(2)];
  expect(who(keys([CHAIR, 3, 4], true, lapsed), [3])).toEqual([0, 0]);
  const alone = [level(0, false), level(1, false), level(2)];
  expect(who(keys([CHAIR, 3, 4], true, alone), [3])).toBeNull();
  expect(who(keys([CHAIR, 3, 4], true, alone), [])).toEqual([2, 0]);
});

test("a school that does not work: its bureau, and nobody can be left out there", () => {
  const lapsed = [level(0), level(1), level(2, false)];
  expect(who(keys([], false, lapsed), [CHAIR])).toEqual([1, 0]);
  expect(who(keys([], false, [level(0, false)]), [])).toBeNull();
});
