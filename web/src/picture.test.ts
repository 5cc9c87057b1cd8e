// What a picture's bytes say before anything decodes them.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bare, pictureOf } from "./picture";

const bytes = (...parts: (string | number[])[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? Array.from(part, (one) => one.charCodeAt(0)) : part)));
const zeros = (n: number): number[] => new Array<number>(n).fill(0);

const FRAME = [0xff, 0xc2, 0, 11, 8, 0x01, 0x02, 0x03, 0x04, 1, 1, 0x11, 0];
const SCAN = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 7, 0xff, 0, 7];
const EXIF = [0xff, 0xe1, 0, 12, ..."Exif\0\0".split("").map((one) => one.charCodeAt(0)), 0xff, 0xd9, 1, 2];
const COMMENT = [0xff, 0xfe, 0, 4, 1, 2];
const END = [0xff, 0xd9];

const png = (...chunks: string[]): Uint8Array => bytes("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 0, 0x75, 0x30, 0, 0, 0, 9], zeros(9), ...chunks.flatMap((name) => [[0, 0, 0, 0], name, zeros(4)]));
const frame = [0x2c, ...zeros(8), 0, 2, 1, 0xaa, 0];
const gif = (...rest: number[]): Uint8Array => bytes("GIF89a", [7, 0, 9, 0, 0x80, 0, 0], zeros(6), [0x21, 0xf9, 4, 0, 0, 0, 0, 0], rest);
const webp = (kind: string, rest: number[]): Uint8Array => bytes("RIFF", [12 + rest.length, 0, 0, 0], "WEBP", kind, [0, 0, 0, 0], rest);

test("each form says its size, whether it moves and whether it is whole", () => {
  const said = (b: Uint8Array): unknown[] => {
    const { type = "", width, height, animated, whole } = pictureOf(b) ?? {};
    return [type.slice(6), width, height, animated, whole];
  };
  const soi = [0xff, 0xd8];
  expect(said(bytes(soi, EXIF, FRAME, SCAN, END, "behind"))).toEqual(["jpeg", 0x304, 0x102, false, true]);
  expect(said(bytes(soi, EXIF, FRAME, SCAN)), "the end in the EXIF's own picture is not the end").toEqual(["jpeg", 0x304, 0x102, false, false]);
  expect(said(bytes(soi, EXIF, END))).toEqual(["jpeg", 0, 0, false, false]);
  expect(said(png("IDAT", "IEND"))).toEqual(["png", 30_000, 9, false, true]);
  expect(said(png("acTL", "IDAT"))).toEqual(["png", 30_000, 9, true, false]);
  expect(said(gif(...frame, 0x3b))).toEqual(["gif", 7, 9, false, true]);
  expect(said(gif(...frame, ...frame, 0x3b))).toEqual(["gif", 7, 9, true, true]);
  expect(said(gif(...frame))).toEqual(["gif", 7, 9, false, false]);
  expect(said(webp("VP8X", [2, 0, 0, 0, 0x2f, 0x75, 0, 8, 0, 0]))).toEqual(["webp", 30_000, 9, true, true]);
  expect(said(webp("VP8L", [0x2f, 0x06, 0x40, 0x02, 0, 0]))).toEqual(["webp", 7, 10, false, true]);
  expect(said(webp("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 7, 0, 9, 0]))).toEqual(["webp", 7, 9, false, true]);
  expect(said(webp("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 7, 0, 9, 0]).slice(0, -1))).toEqual(["webp", 7, 9, false, false]);
  const ispe = bytes("ispe", zeros(4), [0, 0, 0x75, 0x30, 0, 0, 0, 9]);
  expect(said(bytes(zeros(4), "ftypheic", zeros(9), [...ispe], zeros(20)))).toEqual(["heic", 30_000, 9, false, true]);
  expect(said(bytes(zeros(4), "ftypavis", zeros(9), [...ispe], zeros(20)))).toEqual(["avif", 30_000, 9, true, true]);
  expect(said(bytes("II*\0", zeros(9)))).toEqual(["tiff", 0, 0, false, true]);
  expect(said(bytes("BM", [30, 0, 0, 0], zeros(12), [7, 0, 0, 0, 0xf7, 0xff, 0xff, 0xff], zeros(4)))).toEqual(["bmp", 7, 9, false, true]);
});

test("what is no picture is none", () => {
  for (const text of ["", "%PDF-1.7", "BM stands at the beginning", "GIF", "RIFF\0\0\0\0WAVE", "\0\0\0\x18ftypmp42", "<svg/>"]) expect(pictureOf(bytes(text))).toBeNull();
});

test("a bare JPEG keeps its picture and nothing else", () => {
  const made = bare(bytes([0xff, 0xd8], EXIF, COMMENT, FRAME, [0xff, 0xee, 0, 2], SCAN, END));
  expect([...made]).toEqual([0xff, 0xd8, ...FRAME, ...SCAN, ...END]);
});

test("any bytes are looked at to their end, and none makes it fail", () => {
  const heads = ["\xff\xd8\xff", "\x89PNG", "GIF89a", "RIFF\0\0\0\0WEBP", "\0\0\0\0ftypavif", "BM", "II*\0"];
  fc.assert(fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 400 }), (head, rest) => {
    const found = pictureOf(bytes(head, [...rest]));
    expect(found === null || (found.width >= 0 && found.height >= 0)).toBe(true);
    expect(bare(bytes(head, [...rest])).length).toBeLessThanOrEqual(head.length + rest.length);
  }), { numRuns: 2000 });
});
