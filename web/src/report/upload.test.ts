// A file on its way over a line that breaks.
import { expect, test } from "vitest";
import { concat, fromHex, hex } from "../envelope/bytes";
import { CHUNK, fileOf, openChunk } from "../envelope/evidence";
import { Operation } from "../envelope/exchange";
import { fill, reasonOf } from "../envelope/fixture";
import { hash } from "../envelope/kdf";
import { openRecord } from "../envelope/record";
import { NetworkLost } from "./network";
import { School, fastArgon2 } from "./school.fixture";
import { Talk } from "./talk";
import { Upload } from "./upload";

const CONTENT = concat(fill(1, CHUNK), fill(2, CHUNK), fill(3, 9));

async function opened(school: School): Promise<Talk> {
  const talk = await Talk.open(school.receipt, school.line, fastArgon2);
  if (!talk) throw new Error("the code opens nothing");
  return talk;
}

/** What a desk reads of the school's newest record, and the bytes behind it. */
function received(school: School) {
  const record = school.own[school.own.length - 1];
  if (!record) throw new Error("nothing was written");
  const note = fileOf(openRecord(record, school.caseKey).content as Record<string, unknown>);
  const pieces = Array.from({ length: note.count }, (_, index) => {
    const place = { deployment: school.town.deployment, case: school.id, file: note.id, index, count: note.count };
    return openChunk(note.key, place, fromHex(school.pieces.get(`${hex(note.id)} ${String(index)}`) ?? ""));
  });
  return { note, content: concat(...pieces) };
}

test("cut ten times, before or after the service has it, it arrives whole and once", async () => {
  const school = await School.open();
  let [asked, cuts] = [-Infinity, 0];
  // Each of the five exchanges is lost on the way up, then on the way back, then answered.
  const line = { keys: school.keys, exchange: async (...args: Parameters<School["line"]["exchange"]>) => {
    const turn = asked++ % 3;
    if (turn === 0) cuts += 1;
    if (turn === 0) throw new NetworkLost();
    const answer = await school.line.exchange(...args);
    if (turn === 1) cuts += 1;
    if (turn === 1) throw new NetworkLost();
    return answer;
  } };
  const talk = await Talk.open(school.receipt, line, fastArgon2);
  if (!talk) throw new Error("the code opens nothing");
  asked = 0;
  const upload = new Upload(CONTENT, "a.txt", "text/plain");
  const told: number[] = [];
  const went = async (): Promise<boolean> => {
    try {
      return await upload.send(talk, (pieces) => told.push(pieces));
    } catch (error) {
      if (error instanceof NetworkLost) return false;
      throw error;
    }
  };
  while (!(await went()));
  expect([cuts, asked]).toEqual([10, 15]);
  expect(told).toEqual([1, 2, 3, 4]);
  expect(school.pieces.size, "two and a bit, so four").toBe(4);
  const { note, content } = received(school);
  expect([note.name, note.type, note.size, note.count, hex(note.hash)]).toEqual(["a.txt", "text/plain", CONTENT.length, 4, hex(hash(CONTENT))]);
  expect(hash(content.slice(0, note.size))).toEqual(hash(CONTENT));
  expect(content.slice(note.size).every((byte) => byte === 0)).toBe(true);
  expect(school.own.length).toBe(1);
  expect(talk.letters.map((letter) => letter.file)).toEqual(["a.txt"]);
  const again = await Talk.open(school.receipt, school.line, fastArgon2);
  expect(again?.letters.map((letter) => [letter.side, letter.file, letter.text]), "and on another day").toEqual([["mine", "a.txt", ""]]);
});

test("what is read anew is another file, so no place gets two contents", async () => {
  const school = await School.open();
  const talk = await opened(school);
  await new Upload(CONTENT, "a", "").send(talk, () => undefined);
  const first = received(school).note;
  await new Upload(fill(9, 5), "a", "").send(talk, () => undefined);
  const second = received(school).note;
  expect([hex(second.id) === hex(first.id), hex(second.key) === hex(first.key), second.count]).toEqual([false, false, 1]);
  expect(school.pieces.size).toBe(5);
});

test("a refused piece ends it, and no record names what is not there", async () => {
  const school = await School.open();
  const talk = await opened(school);
  school.full = true;
  expect(await new Upload(CONTENT, "a", "").send(talk, () => undefined)).toBe(false);
  expect([school.own.length, school.pieces.size]).toEqual([0, 0]);
  school.full = false;
  expect(await new Upload(CONTENT, "a", "").send(talk, () => undefined), "the control").toBe(true);
});

test("another phone wrote in between: the file is named after that", async () => {
  const school = await School.open();
  const talk = await opened(school);
  school.writes("from another phone");
  expect(await new Upload(fill(1, 3), "a", "").send(talk, () => undefined)).toBe(true);
  expect(talk.letters.map((letter) => letter.file ?? letter.text).sort()).toEqual(["a", "from another phone"]);
});

test("a file of the committee's is not believed", async () => {
  const school = await School.open();
  school.reply({ head: { kind: 6 }, content: { v: 1, text: "x", day: 1 } });
  expect(await reasonOf(() => opened(school))).toBe("thread");
});

test("a piece is an exchange of its own", async () => {
  const school = await School.open();
  const asked: number[] = [];
  const line = { keys: school.keys, exchange: (...args: Parameters<School["line"]["exchange"]>) => {
    asked.push(args[0]);
    return school.line.exchange(...args);
  } };
  const talk = await Talk.open(school.receipt, line, fastArgon2);
  if (!talk) throw new Error("the code opens nothing");
  await new Upload(fill(1, 3), "a", "").send(talk, () => undefined);
  expect(asked).toEqual([Operation.Fetch, Operation.Chunk, Operation.Post]);
});
