// Who will hold a letter, by the protocol's rule.
import type { Colleague, Level, Verified } from "./keys-document";

export const CHAIR = 1;
const FEWEST = 3;

export type Holders =
  | { kind: "organisation"; level: Level; position: number }
  | { kind: "members"; level: Level; position: number; members: Colleague[] };

/** `roles` are left out; `past` the school goes past it. Null: nobody can read. */
export function holders(keys: Verified, roles: readonly number[], past: boolean): Holders | null {
  const school = keys.levels[keys.holder];
  if (!school) return null;
  const whole: Holders = { kind: "organisation", level: school, position: keys.holder };
  if (school.level !== 2) return whole;
  if (past) return above(keys);
  const rest = keys.members.filter((one) => !roles.includes(one.statement.role));
  const someone = rest.length < keys.members.length;
  if (!someone) return whole;
  const chairOut = roles.includes(CHAIR) && keys.members.some((one) => one.statement.role === CHAIR);
  if (rest.length >= FEWEST && (!chairOut || keys.rosterValid)) return { ...whole, kind: "members", members: rest };
  return above(keys);
}

function above(keys: Verified): Holders | null {
  for (let position = keys.holder - 1; position >= 0; position--) {
    const level = keys.levels[position];
    if (level?.working) return { kind: "organisation", level, position };
  }
  return null;
}
