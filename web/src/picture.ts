// What a picture's bytes say of it before anything decodes them: form, size, frames. Names and stated types may lie.

export interface Picture {
  type: string;
  /** Zero where no decoder of ours knows the form. */
  width: number; height: number;
  animated: boolean;
  /** False if its end is missing. */
  whole: boolean;
}

/** Longest side of a picture that the reporter's page makes. */
export const LONGEST_SIDE = 2560;

const big = (b: Uint8Array, at: number, bytes: number): number => {
  let value = 0;
  for (let i = 0; i < bytes; i++) value = value * 256 + (b[at + i] ?? 0);
  return value;
};
const little = (b: Uint8Array, at: number, bytes: number): number => {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + (b[at + i] ?? 0);
  return value;
};
const word = (b: Uint8Array, at: number, length = 4): string => String.fromCharCode(...b.subarray(at, at + length));

interface Segment { marker: number; from: number; to: number }

const START_OF_SCAN = 0xda;

/** A JPEG's segments up to its first scan. */
function segments(b: Uint8Array): Segment[] {
  const found: Segment[] = [];
  let at = 2;
  while (at + 4 <= b.length && b[at] === 0xff) {
    const marker = b[at + 1] ?? 0;
    // Fill bytes and markers without a length.
    if (marker === 0xff) at += 1;
    else if (marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else {
      const to = at + 2 + Math.max(2, big(b, at + 2, 2));
      found.push({ marker, from: at, to });
      if (marker === START_OF_SCAN) break;
      at = to;
    }
  }
  return found;
}

const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function jpeg(b: Uint8Array): Picture {
  const all = segments(b);
  const frame = all.find(({ marker }) => isFrame(marker));
  const scan = all.find(({ marker }) => marker === START_OF_SCAN);
  // Inside a scan 0xff is never followed by 0xd9, save at its end; cameras append more behind it.
  let end = b.length - 2;
  while (scan && end > scan.from && !(b[end] === 0xff && b[end + 1] === 0xd9)) end--;
  const whole = scan !== undefined && end > scan.from;
  return { type: "image/jpeg", width: frame ? big(b, frame.from + 7, 2) : 0, height: frame ? big(b, frame.from + 5, 2) : 0, animated: false, whole };
}

/** A JPEG without its application segments and comments: whatever an encoder wrote of itself, it is gone. */
export function bare(b: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = segments(b).filter(({ marker }) => marker < 0xe0);
  const scan = kept[kept.length - 1];
  const parts = [b.subarray(0, 2), ...kept.slice(0, -1).map(({ from, to }) => b.subarray(from, to)), b.subarray(scan?.from ?? b.length)];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function png(b: Uint8Array): Picture {
  let at = 8;
  let animated = false;
  let whole = false;
  while (at + 8 <= b.length && !whole) {
    const name = word(b, at + 4);
    animated ||= name === "acTL";
    whole = name === "IEND";
    at += 12 + big(b, at, 4);
  }
  return { type: "image/png", width: big(b, 16, 4), height: big(b, 20, 4), animated, whole };
}

function gif(b: Uint8Array): Picture {
  const colours = (flags = 0): number => (flags & 0x80 ? 6 << (flags & 7) : 0);
  let at = 13 + colours(b[10]);
  let frames = 0;
  for (let kind = b[at]; kind === 0x21 || kind === 0x2c; kind = b[at]) {
    frames += kind === 0x2c ? 1 : 0;
    at += kind === 0x2c ? 11 + colours(b[at + 9]) : 2;
    for (let size = b[at]; size; size = b[at]) at += size + 1;
    at += 1;
  }
  return { type: "image/gif", width: little(b, 6, 2), height: little(b, 8, 2), animated: frames > 1, whole: b[at] === 0x3b };
}

function webp(b: Uint8Array): Picture {
  const kind = word(b, 12);
  const size = kind === "VP8X" ? [little(b, 24, 3) + 1, little(b, 27, 3) + 1]
    : kind === "VP8L" ? [(little(b, 21, 2) & 0x3fff) + 1, ((little(b, 22, 3) >> 6) & 0x3fff) + 1]
    : [little(b, 26, 2) & 0x3fff, little(b, 28, 2) & 0x3fff];
  const [width = 0, height = 0] = size;
  return { type: "image/webp", width, height, animated: kind === "VP8X" && ((b[20] ?? 0) & 2) !== 0, whole: little(b, 4, 4) + 8 <= b.length };
}

/** AVIF and HEIC: the largest of the sizes that stand in its head; the decoder tells the rest. */
function boxed(b: Uint8Array, brand: string): Picture {
  let [width, height] = [0, 0];
  for (let at = 0; at < Math.min(b.length - 16, 65536); at++) {
    if (b[at] !== 0x69 || word(b, at) !== "ispe") continue;
    width = Math.max(width, big(b, at + 8, 4));
    height = Math.max(height, big(b, at + 12, 4));
  }
  return { type: brand.startsWith("avi") ? "image/avif" : "image/heic", width, height, animated: /^(avis|hevc|msf1)$/.test(brand), whole: true };
}

const TIFF = ["II*\0", "MM\0*"];

/** What the bytes are, if they are a picture. */
export function pictureOf(b: Uint8Array): Picture | null {
  const head = word(b, 0);
  if (big(b, 0, 3) === 0xffd8ff) return jpeg(b);
  if (head === "\x89PNG") return png(b);
  if (head === "GIF8") return gif(b);
  if (head === "RIFF" && word(b, 8) === "WEBP") return webp(b);
  const brand = word(b, 4) === "ftyp" ? word(b, 8) : "";
  if (/^(avi[fs]|hei[cxms]|hev[cx]|mif1|msf1)$/.test(brand)) return boxed(b, brand);
  // Also what cameras write raw.
  if (TIFF.includes(head)) return { type: "image/tiff", width: 0, height: 0, animated: false, whole: true };
  if (head.startsWith("BM") && little(b, 2, 4) === b.length) {
    return { type: "image/bmp", width: little(b, 18, 4), height: Math.abs(little(b, 22, 4) | 0), animated: false, whole: true };
  }
  return null;
}
