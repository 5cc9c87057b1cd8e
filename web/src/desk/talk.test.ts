import { expect, test } from "vitest";
import { SEEN_NOTHING, Side } from "../envelope/record";
import { inOrder } from "./talk";
import type { Entry } from "./thread";

const one = (text: string, side: number, seq: number, day: number, seen = SEEN_NOTHING.seq): Entry =>
  ({ text, side, seq, day, seen, kind: 2, name: "", worse: false, stage: 0, trusted: true, plain: false, file: null });
const order = (...entries: Entry[]): string => inOrder(entries).map((entry) => entry.text).join("");

test("on one day an answer stands behind what it answers, whoever wrote", () => {
  expect(order(one("a", Side.Reporter, 1, 5), one("b", Side.Committee, 0, 5, 1))).toBe("ab");
  expect(order(one("b", Side.Reporter, 1, 5, 0), one("a", Side.Committee, 0, 5, 0))).toBe("ab");
  expect(order(one("b", Side.Reporter, 1, 5, 0), one("d", Side.Reporter, 2, 5, 1), one("a", Side.Committee, 0, 5, 0), one("c", Side.Committee, 1, 5, 1))).toBe("abcd");
});

test("otherwise days decide, and notes are no part of the talk", () => {
  expect(order(one("b", Side.Reporter, 1, 6), one("a", Side.Committee, 0, 5), one("x", Side.Dossier, 0, 5))).toBe("ab");
  expect(order(one("a", Side.Reporter, 1, 5), one("b", Side.Committee, 0, 6))).toBe("ab");
});
