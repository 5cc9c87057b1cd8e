// What a server, a stranger or the reporter could hand a desk as a file. Beside every refusal stands the same deed done honestly.
import { expect, test, vi } from "vitest";
import { type Bytes, concat, hex } from "../envelope/bytes";
import { CHUNK, type FileNote, sealChunk } from "../envelope/evidence";
import { fill, reasonOf } from "../envelope/fixture";
import { hash } from "../envelope/kdf";
import { type Attachment, isShown, openFile, safeName } from "./evidence";

const CONTENT = concat(fill(7, CHUNK), fill(8, 9));
const PLACE = { deployment: fill(1), case: fill(2), file: fill(3), count: 2 };
const NOTE: FileNote = { id: PLACE.file, key: fill(4, 32), name: "a", type: "", size: CONTENT.length, count: 2, hash: hash(CONTENT) };
const FILE: Attachment = { ...NOTE, deployment: PLACE.deployment, case: PLACE.case, caseId: "c" };
const piece = (index: number, change: Partial<typeof PLACE & { index: number }> = {}, content = CONTENT): Bytes =>
  sealChunk(NOTE.key, { ...PLACE, index, ...change }, content.subarray(index * CHUNK, (index + 1) * CHUNK));

function serve(...pieces: Bytes[]): void {
  vi.stubGlobal("fetch", (path: string) => {
    const index = pieces[Number(path.split("/").pop())];
    expect(path).toContain(`/cases/c/files/${hex(NOTE.id)}/chunks/`);
    return Promise.resolve(index ? new Response(index) : new Response(JSON.stringify({ type: "/problems/not-found" }), { status: 404 }));
  });
}

const verdict = async (pieces: Bytes[], file = FILE): Promise<string> => {
  serve(...pieces);
  return reasonOf(() => openFile(file, () => undefined));
};

test("true pieces are the file", async () => {
  serve(piece(0), piece(1));
  const told: number[] = [];
  expect(hash(await openFile(FILE, (n) => told.push(n)))).toEqual(hash(CONTENT));
  expect(told).toEqual([1, 2]);
});

test("a piece that has not arrived is waited for", async () => {
  serve(piece(0));
  await expect(openFile(FILE, () => undefined)).rejects.toMatchObject({ word: "not-found" });
});

test("pieces that are not the named file's are refused", async () => {
  expect(await verdict([piece(1), piece(0)])).toBe("sealed");
  expect(await verdict([piece(0), piece(0)])).toBe("sealed");
  expect(await verdict([piece(0), piece(1, { case: fill(9) })])).toBe("sealed");
  expect(await verdict([piece(0), piece(1, { file: fill(9) })])).toBe("sealed");
  expect(await verdict([piece(0), piece(1, { count: 4 })])).toBe("sealed");
  expect(await verdict([piece(0), piece(1).slice(1)])).toBe("length");
  const flipped = piece(1);
  flipped[100] = (flipped[100] ?? 0) ^ 1;
  expect(await verdict([piece(0), flipped])).toBe("sealed");
  const longer = concat(CONTENT, fill(1, 1));
  expect(await verdict([piece(0), piece(1, {}, longer)]), "something behind the end").toBe("padding");
  expect(await verdict([piece(0), piece(1)], { ...FILE, hash: fill(0, 32) })).toBe("commitment");
  expect(await verdict([piece(0), piece(1)], { ...FILE, size: CONTENT.length - 1 })).toBe("padding");
});

const jpeg = (width: number, height: number): Bytes => Uint8Array.from([
  0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 7, 0xff, 0xd9,
]);

test("only a picture of the size that the page makes is shown", () => {
  expect(isShown(jpeg(2560, 1920))).toBe(true);
  expect(isShown(jpeg(30_000, 30_000))).toBe(false);
  expect(isShown(jpeg(2561, 1))).toBe(false);
  expect(isShown(jpeg(9, 9).slice(0, -2))).toBe(false);
  expect(isShown(new TextEncoder().encode("<svg/>"))).toBe(false);
  expect(isShown(new TextEncoder().encode("GIF89a\x01\0\x01\0"))).toBe(false);
});

test("a name is a name, not a path and not another's", () => {
  expect(safeName("照片 1.jpg")).toBe("照片 1.jpg");
  expect(safeName("../../etc/passwd")).toBe(".. .. etc passwd");
  expect(safeName("photo\u202Egpj.exe")).toBe("photo gpj.exe");
  expect(safeName("a\u0000\u200b\n b:c")).toBe("a b c");
  expect(safeName(`${"x".repeat(200)}.jpg`)).toMatch(/^x{76}\.jpg$/);
  expect([safeName(""), safeName("\u200b\u202e")]).toEqual(["file", "file"]);
});
