// What a `files` record may say of a file.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hex } from "./bytes";
import { CHUNK, LARGEST_FILE, type FileNote, fileContent, fileOf, rounded } from "./evidence";
import { fill, reasonOf } from "./fixture";

const NOTE: FileNote = { id: fill(1), key: fill(2, 32), name: "photo.jpg", type: "image/jpeg", size: 3 * CHUNK, count: 4, hash: fill(3, 32) };

test("a file is read as it was written", () => {
  for (const size of [1, CHUNK, CHUNK + 1, LARGEST_FILE]) {
    const note = { ...NOTE, size, count: rounded(Math.ceil(size / CHUNK)) };
    expect(fileOf(fileContent(note))).toEqual(note);
  }
});

test("what cannot be a file is refused", async () => {
  const good = fileContent(NOTE);
  const wrong: [string, unknown, string][] = [
    ["id", hex(fill(1, 15)), "length"], ["id", undefined, "length"], ["id", 5, "length"], ["key", "", "length"], ["key", "zz".repeat(32), "length"],
    ["hash", hex(fill(3, 33)), "length"], ["name", undefined, "version"], ["name", {}, "version"], ["type", 7, "version"], ["size", 0, "version"],
    ["size", 1.5, "version"], ["size", "9", "version"], ["size", LARGEST_FILE + 1, "version"], ["size", 4 * CHUNK + 1, "version"], ["count", 3, "version"],
    ["count", "4", "version"], ["size", -CHUNK, "version"],
  ];
  for (const [name, value, reason] of wrong) {
    expect([name, value, await reasonOf(() => fileOf({ ...good, [name]: value }))]).toEqual([name, value, reason]);
  }
});

test("any content is a file or refused, never another failure", async () => {
  await fc.assert(fc.asyncProperty(fc.object(), fc.dictionary(fc.constantFrom(...Object.keys(fileContent(NOTE))), fc.anything()), async (any, some) => {
    await reasonOf(() => fileOf(any));
    await reasonOf(() => fileOf({ ...fileContent(NOTE), ...some }));
  }));
});

test("counts are rounded as the norm says", () => {
  expect([0, 1, 2, 3, 5, 9, 16, 17, 33, 100, 200].map(rounded)).toEqual([1, 1, 2, 4, 8, 16, 16, 18, 36, 104, 208]);
});
