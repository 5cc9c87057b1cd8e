// What in a text could tell who wrote it. Nothing is asked of anybody, and nothing leaves the phone: patterns say where to
// look (own-words.places.ts), and a table of weights says whether what stands there and around it tells of the writer, as
// people marked it in some thirteen thousand texts (own-words.train.ts, `npm run weights`). Every weight is a whole number, so
// every phone comes to the same end.
import { CERTAIN, type OwnKind, type Place, places } from "./own-words.places";
import { GAPS, WEIGHTS } from "./own-words.weights";

export type { OwnKind };
export interface Found { kind: OwnKind; start: number; end: number }

/** Signs are told apart by this many bits. Two that fall together share a weight, in learning too. */
const BITS = 17;
/** A weight is the logarithm of odds, in eighths. */
export const UNIT = 8;
/**
 * Marked from here on, below even odds: rather a mark too many than a child found out. Where letters of hands left out of
 * learning are looked at (docs/measurements.md), recall then stands a little above precision, as is wanted.
 */
const ENOUGH = -0.75 * UNIT;

/** Joiners and direction marks, which may stand inside a number or a name unseen. */
const UNSEEN = /[\p{Cf}\ufe0f]/u;

/** The text as it is read (plain widths, nothing unseen), and where each of its characters stood. */
export function plain(text: string): { read: string; at: number[] } {
  let read = "";
  const at: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (UNSEEN.test(character)) continue;
    const narrow = character.normalize("NFKC");
    read += narrow.length === 1 ? narrow : character;
    at.push(i);
  }
  return { read, at };
}

/** Where a sign's weight stands. */
function hash(sign: string): number {
  let h = 0;
  for (let i = 0; i < sign.length; i++) h = Math.imul(h ^ sign.charCodeAt(i), 0x9e3779b1) ^ (h >>> 15);
  return Math.imul(h ^ (h >>> 13), 0x85ebca6b) >>> (32 - BITS);
}

/** The text in pieces: a word, a number (by its length alone), or any other character. */
function piecesOf(read: string): { pieces: string[]; before: number[]; after: number[] } {
  const pieces: string[] = [];
  // For each character: how many pieces end by it, and which is the first that begins from it on.
  const before: number[] = [];
  const after: number[] = [];
  for (const match of read.matchAll(/[a-z']{1,40}|\d+|\S/gi)) {
    const end = match.index + match[0].length;
    while (after.length <= match.index) after.push(pieces.length);
    while (before.length < end) before.push(pieces.length);
    pieces.push(/^\d/.test(match[0]) ? `0${String(Math.min(end - match.index, 9))}` : match[0].toLowerCase());
  }
  while (after.length <= read.length) after.push(pieces.length);
  while (before.length <= read.length) before.push(pieces.length);
  return { pieces, before, after };
}

/** How a place looks, whatever letters it has. */
const shape = (value: string): string => value.replace(/[A-Z]+/g, "A").replace(/[a-z]+/g, "a").replace(/\d+/g, "0").replace(/[\u3400-\u9fff]+/g, "\u4e00");

/** Of each place what speaks for or against it, as places in the table. A sign begins with two letters of its kind and one for what it is about. */
export function signsOf(read: string, found: Place[]): number[][] {
  const { pieces, before, after } = piecesOf(read);
  return found.map(({ kind, start, end, by }) => {
    const [first, next] = [Number(before[start]), Number(after[end])];
    const B = (i: number): string => pieces[first - 1 - i] ?? "^";
    const A = (i: number): string => pieces[next + i] ?? "$";
    const inside = pieces.slice(first, next);
    const signs = ["", ...by.map((one) => `S${String(one)}`)];
    signs.push(`b${B(0)}`, `b${B(1)}${B(0)}`, `b${B(2)}${B(1)}${B(0)}`, `a${A(0)}`, `a${A(0)}${A(1)}`, `a${A(0)}${A(1)}${A(2)}`, `c${B(0)}_${A(0)}`);
    for (let i = 0; i < 5 && i < first; i++) signs.push(`n${B(i)}`);
    for (let i = 0; i < 10 && i < first - 1; i++) signs.push(`N${B(i + 1)}${B(i)}`);
    for (let i = 0; i < 4 && next + i < pieces.length; i++) signs.push(`m${A(i)}`);
    signs.push(`z${shape(read.slice(start, end))}`, `v${inside[0] ?? ""}`, `w${inside[inside.length - 1] ?? ""}`, `x${inside[0] ?? ""}${inside[1] ?? ""}`);
    if (kind === "name" || kind === "alone") signs.push(...inside.map((piece) => `V${piece}`));
    if (kind === "alone") for (let i = 1; i < inside.length; i++) signs.push(`W${inside[i - 1] ?? ""}${inside[i] ?? ""}`);
    return [...new Set(signs.map((sign) => hash(kind.slice(0, 2) + sign)))];
  });
}

/** The table as text: gaps between the signs that weigh anything, and their weights, each a character from this one on. */
const FIRST = 40;
/** Gaps from here on take a character more for each time they hold as much. */
const FAR = 58;
/** No weight is larger. */
export const MOST = 43;

/** The table, of the text that `written` makes. */
export function tableOf({ gaps, weights }: { gaps: string; weights: string }): Int8Array {
  const table = new Int8Array(1 << BITS);
  let [at, far, i] = [-1, 0, 0];
  for (let g = 0; g < gaps.length; g++) {
    const digit = gaps.charCodeAt(g) - FIRST;
    if (digit >= FAR) {
      far += (digit - FAR + 1) * FAR;
      continue;
    }
    at += far + digit + 1;
    far = 0;
    table[at] = weights.charCodeAt(i++) - FIRST - MOST;
  }
  return table;
}

/** A table as text, for `tableOf`. */
export function written(table: readonly number[]): { gaps: string; weights: string } {
  let [gaps, weights, last] = ["", "", -1];
  table.forEach((weight, i) => {
    if (weight === 0) return;
    let gap = i - last - 1;
    for (const most = FAR * (126 - FIRST - FAR + 1); gap >= FAR; ) {
      const far = Math.floor(Math.min(gap, most) / FAR);
      gaps += String.fromCharCode(FIRST + FAR + far - 1);
      gap -= far * FAR;
    }
    gaps += String.fromCharCode(FIRST + gap);
    weights += String.fromCharCode(FIRST + MOST + weight);
    last = i;
  });
  return { gaps, weights };
}

let ourTable: Int8Array | undefined;
/** The table that the page brings; read when there is a text to look at, not while the page begins. */
const ours = (): Int8Array => (ourTable ??= tableOf({ gaps: GAPS, weights: WEIGHTS }));

/** Where a name that was found stands in the text: whoever covers it once would want it covered everywhere. */
function standings(read: string, name: string): Place[] {
  const found: Place[] = [];
  for (let start = read.indexOf(name); start >= 0; start = read.indexOf(name, start + 1)) {
    const end = start + name.length;
    const isPart = /\w/.test(name) && /\w/.test(read.charAt(start - 1) + read.charAt(end));
    if (!isPart) found.push({ kind: "name", start, end, by: [] });
  }
  return found;
}

/** The end of a place in the text as it was typed: no character of two units is cut. */
function endOf(text: string, last: number): number {
  return /[\ud800-\udbff]/.test(text.charAt(last)) && /[\udc00-\udfff]/.test(text.charAt(last + 1)) ? last + 2 : last + 1;
}

/** Places that could give the writer away: in order, none over another. */
export function find(text: string, table = ours()): Found[] {
  const { read, at } = plain(text);
  const looked = places(read);
  const signs = signsOf(read, looked);
  const weigh = ({ by }: Place, i: number): number => (by.some((one) => one < CERTAIN) ? Number.MAX_VALUE : (signs[i] ?? []).reduce((sum, sign) => sum + Number(table[sign]), 0));
  const likely = looked.map((place, i) => ({ place, weight: weigh(place, i) })).filter(({ weight }) => weight >= ENOUGH);
  const taken = new Uint8Array(read.length);
  const take = (places: Place[]): Place[] =>
    places.filter(({ start, end }) => {
      const isFree = !taken.subarray(start, end).includes(1);
      if (isFree) taken.fill(1, start, end);
      return isFree;
    });
  const chosen = take(likely.sort((a, b) => b.weight - a.weight).map(({ place }) => place));
  const names = new Set(chosen.filter(({ kind, start, end }) => kind === "name" && end - start > 1).map(({ start, end }) => read.slice(start, end)));
  return [...chosen, ...take([...names].flatMap((name) => standings(read, name)))]
    .sort((a, b) => a.start - b.start)
    .map(({ kind, start, end }) => ({ kind, start: Number(at[start]), end: endOf(text, Number(at[end - 1])) }));
}
