// Photos as cameras make them, and what comes out of them at a desk.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { expect } from "./city";

const folder = mkdtempSync(path.join(tmpdir(), "shudong-photos-"));
export const place = (name: string): string => path.join(folder, name);

/** What cameras and programs write into a picture, each with a word of its own to search for. */
const WRITTEN = [
  "-Make=canary-make.", "-Model=canary-model.", "-Software=canary-software.", "-Artist=canary-artist.", "-Copyright=canary-copyright.",
  "-SerialNumber=canary-serial.", "-LensModel=canary-lens.", "-OwnerName=canary-owner.", "-UserComment=canary-usercomment.",
  "-ImageUniqueID=canary-unique.", "-DateTimeOriginal=2026:11:03 09:14:15", "-OffsetTimeOriginal=+08:00", "-Orientation#=6",
  "-GPSLatitude=36.6219", "-GPSLatitudeRef=N", "-GPSLongitude=101.7782", "-GPSLongitudeRef=E", "-GPSProcessingMethod=canary-gps.",
  "-XMP:Creator=canary-xmp.", "-XMP-photoshop:City=canary-city.", "-XMP-xmpMM:DocumentID=canary-document.", "-Comment=canary-comment.",
];
const IN_JPEG = [...WRITTEN, "-IPTC:By-line=canary-iptc.", "-MakerNoteUnknownText<=makernote", "-ThumbnailImage<=thumbnail.jpg"];

/** A picture as an encoder makes it, before anybody wrote into it: tall things are told from wide ones by their colours. */
export async function encoded(page: Page, type: string, width: number, height: number): Promise<Buffer> {
  const base64 = await page.evaluate(async ([kind, w, h]) => {
    const canvas = document.createElement("canvas");
    canvas.width = w;
    canvas.height = h;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    for (const [i, colour] of ["#c00", "#0a0", "#00c", "#cc0"].entries()) {
      context.fillStyle = colour;
      context.fillRect((w / 4) * i, 0, w / 4, h);
    }
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, kind));
    let binary = "";
    for (const byte of new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))) binary += String.fromCharCode(byte);
    return btoa(binary);
  }, [type, width, height] as const);
  return Buffer.from(base64, "base64");
}

export const exiftool = (...args: string[]): string => execFileSync("exiftool", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Groups of tags that say something of more than the picture's form and the file on this disk. */
export function groups(file: string): string[] {
  const [tags = {}] = JSON.parse(exiftool("-a", "-u", "-G1", "-j", file)) as Record<string, unknown>[];
  const found = new Set(Object.keys(tags).flatMap((tag) => (tag.includes(":") ? [tag.split(":")[0] ?? ""] : [])));
  return [...found].filter((group) => !["ExifTool", "System", "File", "Composite"].includes(group)).sort();
}

/** Words of ours in the bytes (each ends in a full stop), as text of any width or packed. */
export const canaries = (file: string): string[] => {
  const bytes = readFileSync(file);
  const text = bytes.toString("latin1").replace(/\0/g, "") + exiftool("-a", "-u", "-b", file);
  return [...new Set(text.match(/canary-[a-z]+(?=\.)/g) ?? [])].sort();
};

export async function cameraFiles(page: Page): Promise<string[]> {
  writeFileSync(place("makernote"), "canary-makernote.".padEnd(64, "-"));
  writeFileSync(place("thumbnail.jpg"), await encoded(page, "image/jpeg", 160, 120));
  const names = ["IMG_2031_canary-name.jpg", "shot.png", "story.webp"];
  for (const name of names) {
    const type = `image/${name.endsWith("jpg") ? "jpeg" : path.extname(name).slice(1)}`;
    writeFileSync(place(name), await encoded(page, type, 3200, 2400));
    exiftool("-q", "-m", "-overwrite_original", ...(name.endsWith("jpg") ? IN_JPEG : WRITTEN), name);
  }
  return names.map(place);
}

/** What the teacher gets out of a file that was opened, as saved. */
export async function saved(teacher: Page, nth: number, as: string): Promise<string> {
  const [download] = await Promise.all([teacher.waitForEvent("download"), teacher.getByTestId("attached").nth(nth).getByTestId("save-file").click()]);
  await download.saveAs(place(as));
  return place(as);
}

/** Opens the nth file; pieces that the tick has not brought yet are asked for again. */
export async function opened(teacher: Page, nth: number): Promise<void> {
  const file = teacher.getByTestId("attached").nth(nth);
  await expect(async () => {
    const button = file.getByTestId("open-file");
    if (await button.count()) await button.click();
    await expect(file.getByTestId("save-file")).toBeVisible({ timeout: 5000 });
  }).toPass();
}

/** Along the longer side, from the top or the left. */
export const colours = (teacher: Page, nth: number): Promise<string[]> =>
  teacher.getByTestId("attached").nth(nth).locator("img").evaluate((image: HTMLImageElement) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    context.drawImage(image, 0, 0);
    return [1, 3, 5, 7].map((eighth) => {
      const wide = canvas.width > canvas.height;
      const [x, y] = [(canvas.width / 8) * (wide ? eighth : 4), (canvas.height / 8) * (wide ? 4 : eighth)];
      const [r = 0, g = 0, b = 0] = context.getImageData(x, y, 1, 1).data;
      return r > 150 ? (g > 150 ? "yellow" : "red") : g > 100 ? "green" : b > 150 ? "blue" : `${String(r)},${String(g)},${String(b)}`;
    });
  });

/** A real HEIC of 64 × 48 pixels with a maker's name in it: not every browser can draw these. */
export const HEIC = Buffer.from(
  "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB4gABAAAAAAAA" +
  "ADIAAgAAAAACFAABAAAAAAAAADIAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBj" +
  "bwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAA" +
  "AwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAA" +
  "AwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAAbG1kYXQAAAAuKAGvWPkS3f/fI5HQ9f7rMvHMNQrPL+IfXfframU7H1q17Yf8sSd+" +
  "mg2hExy09wAAAAZFeGlmAABNTQAqAAAACAABAQ8AAgAAAA0AAAAaAAAAAGNhbmFyeS1tYWtlcgAA",
  "base64",
);
