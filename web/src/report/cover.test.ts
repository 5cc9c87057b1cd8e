// When a cover goes: at load, and in place of a deed that does not come.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Operation } from "../envelope/exchange";
import { Cover, drawDeed } from "./cover";
import type { Line } from "./network";

function line(): { line: Line; sent: number[] } {
  const sent: number[] = [];
  const exchange = (operation: number): Promise<Uint8Array<ArrayBuffer>> => {
    sent.push(operation);
    return Promise.reject(new Error("a cover may fail"));
  };
  return { line: { exchange } as unknown as Line, sent };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a visit that only looks sends twice, at load and when a deed would come", () => {
  const { line: to, sent } = line();
  new Cover(to, 60);
  expect(sent, "what was tapped shows first").toEqual([]);
  vi.advanceTimersByTime(600);
  expect(sent).toEqual([Operation.Cover]);
  vi.advanceTimersByTime(59_000);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(600_000);
  expect(sent).toEqual([Operation.Cover, Operation.Cover]);
});

test("who tells sends the deed instead, however long it takes", () => {
  const { line: to, sent } = line();
  const cover = new Cover(to, 60);
  cover.engaged(true);
  vi.advanceTimersByTime(300_000);
  cover.deed();
  vi.advanceTimersByTime(300_000);
  cover.engaged(false);
  expect(sent).toHaveLength(1);
});

test("a deed that comes at once still comes second", () => {
  const { line: to, sent } = line();
  new Cover(to, 60).deed();
  expect(sent).toEqual([Operation.Cover]);
  vi.advanceTimersByTime(300_000);
  expect(sent).toHaveLength(1);
});

test("who began and went back to looking sends the cover then", () => {
  const { line: to, sent } = line();
  const cover = new Cover(to, 60);
  cover.engaged(true);
  vi.advanceTimersByTime(90_000);
  expect(sent).toHaveLength(1);
  cover.engaged(false);
  expect(sent).toHaveLength(2);
});

test("deeds come when the written distribution says", () => {
  const drawn = Array.from({ length: 20_000 }, () => drawDeed()).sort((a, b) => a - b);
  const at = (part: number): number => drawn[Math.floor(part * drawn.length)] ?? 0;
  expect(at(0)).toBeGreaterThanOrEqual(15);
  expect(drawn[drawn.length - 1]).toBeLessThanOrEqual(240);
  expect(at(0.5)).toBeGreaterThan(66);
  expect(at(0.5)).toBeLessThan(74);
  expect(at(0.84) / at(0.5)).toBeCloseTo(Math.exp(0.45), 1);
});
