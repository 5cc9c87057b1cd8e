// A chosen file becomes what is sent: a picture is drawn anew, anything else goes as it is.
import { type Bytes } from "../envelope/bytes";
import { LARGEST_FILE } from "../envelope/evidence";
import { LONGEST_SIDE, bare, pictureOf } from "../picture";

/** Why a file is not sent. */
export type Unfit = "empty" | "large" | "picture" | "pixels" | "changed";
export class UnfitFile extends Error {
  constructor(readonly why: Unfit) {
    super(why);
  }
}

/** What is known once a file was looked at. `bytes` are a picture's, drawn anew; any other file is read when it is sent. */
export interface Prepared { picture: boolean; animated: boolean; bytes: Bytes | null; type: string; name: string }

/** More would take a phone's memory while it is decoded. */
const MOST_PIXELS = 64 * 1024 * 1024;
const QUALITY = 0.85;
/** Enough of a file to tell whether it is a picture. */
const HEAD = 65536;

/** The bytes, all at once: what was read once cannot change between two tries. */
export async function read(file: Blob): Promise<Bytes> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new UnfitFile("changed");
  }
}

/** Some browsers hand out false pixels, so that nobody is known by them; then a picture would arrive as noise. */
function drawsTruly(): boolean {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  if (!context) return false;
  context.fillStyle = "#123456";
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data.slice(0, 3).join() === "18,52,86";
}

/** The picture's pixels, upright. */
async function pixels(source: Blob): Promise<ImageBitmap | HTMLImageElement> {
  // Engines that do not know the option turn pictures upright by themselves.
  if ("createImageBitmap" in window) return createImageBitmap(source, { imageOrientation: "from-image" }).catch(() => createImageBitmap(source));
  const image = new Image();
  image.src = URL.createObjectURL(source);
  await image.decode();
  return image;
}

/** Draws the picture as its camera meant it, upright and no larger than needed, and encodes what was drawn. */
async function drawn(source: Blob): Promise<Bytes> {
  const bitmap = await pixels(source);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new UnfitFile("picture");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  if (bitmap instanceof HTMLImageElement) URL.revokeObjectURL(bitmap.src);
  else bitmap.close();
  const encoded = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (encoded?.type !== "image/jpeg") throw new UnfitFile("picture");
  return bare(await read(encoded));
}

async function redraw(bytes: Bytes): Promise<Prepared> {
  const found = pictureOf(bytes);
  if (!found?.whole || found.width * found.height === 0 || !drawsTruly()) throw new UnfitFile("picture");
  if (found.width * found.height > MOST_PIXELS) throw new UnfitFile("pixels");
  try {
    const made = await drawn(new Blob([bytes], { type: found.type }));
    return { picture: true, animated: found.animated, bytes: made, type: "image/jpeg", name: "photo.jpg" };
  } catch {
    throw new UnfitFile("picture");
  }
}

/** The ending of a name, so that it can be opened; nothing else of it. */
const ending = (name: string): string => /\.[a-z0-9]{1,5}$/i.exec(name)?.[0].toLowerCase() ?? "";

/** Looks at a file. What says that it is a picture, by its type or its bytes, is sent as a picture or not at all. */
export async function prepare(file: File): Promise<Prepared> {
  if (file.size === 0) throw new UnfitFile("empty");
  if (file.size > LARGEST_FILE) throw new UnfitFile("large");
  const head = await read(file.slice(0, HEAD));
  if (file.type.startsWith("image/") || pictureOf(head)) return redraw(await read(file));
  const type = file.type || "application/octet-stream";
  return { picture: false, animated: false, bytes: null, type, name: `file${ending(file.name)}` };
}
