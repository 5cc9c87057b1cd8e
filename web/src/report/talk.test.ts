// What a returning reporter believes. Beside every refusal stands the same deed done honestly, which is accepted.
import { describe, expect, test } from "vitest";
import { type Bytes, concat } from "../envelope/bytes";
import { DAY, fill, reasonOf } from "../envelope/fixture";
import { hash } from "../envelope/kdf";
import { SEEN_NOTHING, Side, inPieces } from "../envelope/record";
import { NetworkLost } from "./network";
import { type Answer, type Reply, School, fastArgon2 } from "./school.fixture";
import { Talk } from "./talk";

async function opened(school: School): Promise<Talk> {
  const talk = await Talk.open(school.receipt, school.line, fastArgon2);
  if (!talk) throw new Error("the code opens nothing");
  return talk;
}

const verdict = (school: School): Promise<string> => reasonOf(() => opened(school));
const texts = (talk: Talk): string[] => talk.letters.map((letter) => `${letter.side}: ${letter.text}`);

/** A school that has answered `n` times. */
async function answered(n: number): Promise<School> {
  const school = await School.open();
  for (let i = 0; i < n; i++) school.reply();
  return school;
}

describe("a conversation", () => {
  test("opens, grows, pages back and is written to", async () => {
    const school = await answered(1);
    const talk = await opened(school);
    expect(talk.tip.text).toBe("tip");
    expect(texts(talk)).toEqual(["school: reply 0"]);
    expect(await talk.send(talk.seal("mine", true))).toBe(true);
    for (let i = 0; i < 9; i++) school.reply();
    await talk.refresh();
    // The newest two, and what was verified before; the hole between them is filled on demand.
    expect(texts(talk)).toEqual(["mine: mine", "school: reply 0", "school: reply 8", "school: reply 9"]);
    expect(await talk.older()).toBe(true);
    expect(talk.letters.length).toBe(11);
    expect(await talk.older()).toBe(false);
    expect(talk.letters[0]).toMatchObject({ side: "mine", worse: true });
  });

  test("pages back over many letters of both sides, from any point", async () => {
    const school = await answered(17);
    for (let i = 1; i <= 12; i++) school.writes(`letter ${String(i)}`);
    const talk = await opened(school);
    expect(talk.letters.length).toBe(4);
    while (await talk.older());
    expect(talk.letters.length).toBe(29);
  });

  test("a code that opens nothing is null, and one that did cannot come to nothing", async () => {
    const nothing = (line: School["line"]): School["line"] => ({ ...line, exchange: async () => Promise.resolve(new Uint8Array(32728)) });
    const school = await answered(1);
    expect(await Talk.open(school.receipt, nothing(school.line), fastArgon2)).toBeNull();
    let line = school.line;
    const talk = await Talk.open(school.receipt, { keys: school.keys, exchange: (...args) => line.exchange(...args) }, fastArgon2);
    await talk?.refresh();
    line = nothing(line);
    expect(await reasonOf(() => talk?.refresh())).toBe("thread");
  });
});

describe("a reply is refused", () => {
  const stranger = { id: fill(0x66), role: 3, sign: fill(0x67, 32), kem: fill(0x68, 32) };
  const lies: [string, string, (school: School) => Reply][] = [
    ["signed by a key of the server's", "signature", () => ({ signer: stranger.sign })],
    ["with a statement that the server signed", "signature", (school) => ({ home: { ...school.town.school, seed: school.town.service } })],
    ["by a member of the bureau, who speaks for another organisation", "signature", (school) => ({ home: school.town.bureau })],
    ["with a statement for another organisation, by the right key", "statement", (school) => ({ home: { ...school.town.school, id: fill(0x31) } })],
    ["with a statement of another deployment", "statement", () => ({ deployment: fill(8) })],
    ["sealed under another key", "sealed", () => ({ key: fill(0x78, 32) })],
    ["of another case", "thread", () => ({ head: { case: fill(0x79) } })],
    ["about another object", "thread", () => ({ head: { object: fill(0x79) } })],
    ["of another deployment", "thread", () => ({ head: { deployment: fill(8) }, deployment: fill(8) })],
    ["of a later generation, without its signed key", "thread", () => ({ head: { generation: 1 } })],
    ["of a kind that nobody writes to reporters", "thread", () => ({ head: { kind: 4 } })],
    ["on the dossier's side", "thread", () => ({ head: { side: 2 } })],
    ["that does not name the one before", "thread", () => ({ prev: fill(0, 32) })],
    ["that leaves a number out", "thread", () => ({ seq: 2 })],
    ["of an epoch before the one of the tip's keys", "thread", () => ({ epoch: 4 })],
    ["that has seen a letter never written", "thread", () => ({ seen: { seq: 1, hash: fill(1, 32) } })],
    ["that has seen another tip", "thread", () => ({ seen: { seq: 0, hash: fill(1, 32) } })],
    ["that has seen nothing, with a hash", "thread", () => ({ seen: { ...SEEN_NOTHING, hash: fill(1, 32) } })],
    ["that says nothing readable", "version", () => ({ content: { v: 1, text: 7, day: DAY } })],
    ["whose content is no object", "version", () => ({ content: null })],
  ];
  test.each(lies)("%s", async (_name, reason, lie) => {
    const honest = await answered(1);
    honest.reply();
    expect(await verdict(honest)).toBe("accepted");
    const school = await answered(1);
    school.reply(lie(school));
    expect(await verdict(school)).toBe(reason);
  });

  test("as the first, if it names one before", async () => {
    const school = await answered(0);
    school.reply({ prev: fill(1, 32) });
    expect(await verdict(school)).toBe("thread");
    expect(await verdict(await answered(1))).toBe("accepted");
  });

  test("that seen nothing at all is accepted: it was written before the desk looked", async () => {
    const school = await answered(0);
    school.reply({ seen: SEEN_NOTHING });
    expect(await verdict(school)).toBe("accepted");
  });

  test.each([[6, 5, "thread"], [5, 6, "accepted"], [6, 6, "accepted"]])("of epoch %i followed by %i: %s", async (first, second, expected) => {
    const school = await answered(0);
    school.reply({ epoch: first });
    school.reply({ epoch: second });
    expect(await verdict(school)).toBe(expected);
  });

  test("when its epoch falls below one that is held, across a hole and in a page", async () => {
    for (const [later, expected] of [[6, "accepted"], [5, "thread"]] as const) {
      const school = await answered(0);
      school.reply({ epoch: 6 });
      const talk = await opened(school);
      for (let i = 0; i < 5; i++) school.reply({ epoch: later });
      expect(await reasonOf(() => talk.refresh())).toBe(expected);
    }
    for (const [earlier, expected] of [[5, "accepted"], [7, "thread"]] as const) {
      const school = await answered(0);
      school.reply({ epoch: earlier });
      school.reply({ epoch: 6 });
      school.reply({ epoch: 6 });
      const talk = await opened(school);
      expect(await reasonOf(() => talk.older())).toBe(expected);
    }
  });
});

describe("an answer is refused", () => {
  const lies: [string, string, (answer: Answer, other: School) => Answer][] = [
    ["whose box is of another case", "sealed", (answer, other) => ({ ...answer, box: other.box })],
    ["that names another case than its box", "sealed", (answer, other) => ({ ...answer, case: other.id })],
    ["whose tip is another's", "sealed", (answer, other) => ({ ...answer, tip: other.tip })],
    ["that replays a reply", "thread", (answer) => ({ ...answer, replies: [answer.replies[1] ?? fill(0), answer.replies[1] ?? fill(0)] })],
    ["that turns replies round", "thread", (answer) => ({ ...answer, replies: answer.replies.slice().reverse() })],
    ["that shows replies before own letters", "thread", (answer) => ({ ...answer, own: answer.replies, replies: answer.own })],
    ["with a reply of another case of the same reporter's school", "sealed", (answer, other) => ({ ...answer, replies: other.replies.slice(-2) })],
    ["that withholds a reply which an own letter had seen", "thread", (answer) => ({ ...answer, replies: [] })],
    ["that withholds an own letter which a reply had seen", "thread", (answer) => ({ ...answer, own: [] })],
    ["that shows a later own letter without the link", "thread", (answer) => ({ ...answer, own: [answer.own[1] ?? fill(0), answer.own[0] ?? fill(0)] })],
  ];
  test.each(lies)("%s", async (_name, reason, lie) => {
    const other = await School.open((one) => (one.caseKey = fill(0x55, 32)));
    other.reply();
    other.reply();
    expect(await verdict(other)).toBe("accepted");
    const school = await answered(1);
    school.writes("one");
    school.writes("two");
    school.reply();
    expect(await verdict(school)).toBe("accepted");
    school.lie = (answer) => lie(answer, other);
    expect(await verdict(school)).toBe(reason);
  });

  test("if what is in the box makes another id than the case's", async () => {
    expect(await verdict(await School.open())).toBe("accepted");
    expect(await verdict(await School.open((one) => (one.claimed = fill(0x33))))).toBe("thread");
  });

  test("if a first own letter does not name the tip", async () => {
    const school = await School.open();
    school.writes("one");
    expect(await verdict(school)).toBe("accepted");
    const { tip } = school;
    school.own = [];
    school.tip = concat(tip.slice(0, -1), fill(0, 1));
    school.writes("one");
    school.tip = tip;
    expect(await verdict(school)).toBe("thread");
  });

  test("if an own letter is not the reporter's: a holder has the key, but not the signature", async () => {
    const school = await School.open();
    school.writes("one");
    expect(await verdict(school)).toBe("accepted");
    school.own = [];
    Object.assign(school, { sign: school.town.people[0]?.sign });
    school.writes("one");
    expect(await verdict(school)).toBe("signature");
  });
});

describe("on refresh", () => {
  /** A talk that holds three replies and two own letters, and what it looks like afterwards. */
  async function held(): Promise<{ school: School; talk: Talk }> {
    const school = await answered(1);
    school.writes("one");
    school.writes("two");
    school.reply();
    const talk = await opened(school);
    await talk.refresh();
    return { school, talk };
  }

  const lies: [string, (school: School) => void][] = [
    ["another text under a number that was shown", (school) => {
      school.replies = school.replies.slice(0, 1);
      school.reply({ text: "never said that" });
    }],
    ["another text under the first number", (school) => {
      school.replies = [];
      school.reply({ text: "never said that" });
      school.reply();
    }],
    ["fewer replies than were shown", (school) => school.replies.pop()],
    ["fewer own letters than were shown", (school) => {
      school.own.pop();
      school.replies.pop();
      school.reply({ seen: SEEN_NOTHING });
    }],
    ["another case", (school) => school.id.fill(1)],
  ];
  test.each(lies)("%s is refused, and what was verified stays", async (_name, lie) => {
    const honest = await held();
    honest.school.reply();
    honest.school.writes("three");
    await honest.talk.refresh();
    expect(honest.talk.letters.length).toBe(6);
    const { school, talk } = await held();
    school.id = school.id.slice();
    const before = texts(talk);
    lie(school);
    expect(await reasonOf(() => talk.refresh())).toBe("thread");
    expect(texts(talk)).toEqual(before);
  });

  test("a history rewritten behind a hole is refused when the hole is filled", async () => {
    for (const rewritten of [false, true]) {
      const { school, talk } = await held();
      if (rewritten) {
        school.replies = school.replies.slice(0, 1);
        school.reply({ text: "never said that" });
      }
      for (let i = 0; i < 4; i++) school.reply();
      await talk.refresh();
      expect(await reasonOf(() => talk.older())).toBe(rewritten ? "thread" : "accepted");
    }
  });
});

describe("an older page is refused", () => {
  const lies: [string, (page: Bytes[], school: School) => Bytes[]][] = [
    ["that is empty although replies are missing", () => []],
    ["that ends too early", (page) => page.slice(0, -1)],
    ["that leaves one out", (page) => [...page.slice(0, 2), ...page.slice(3)]],
    ["that is turned round", (page) => page.slice().reverse()],
    ["that replays what is held", (page, school) => [...page.slice(1), school.replies[6] ?? fill(0)]],
    ["whose last does not link to what is held", (page, school) => {
      const before = page[3] ?? fill(0);
      return [...page.slice(0, -1), school.sealed({ seq: 4, prev: hash(before), text: "never said that", seen: SEEN_NOTHING })];
    }],
  ];
  test.each(lies)("%s", async (_name, lie) => {
    const school = await answered(7);
    expect(await (await opened(school)).older()).toBe(true);
    const talk = await opened(school);
    school.lie = (answer) => ({ ...answer, page: lie(answer.page, school) });
    expect(await reasonOf(() => talk.older())).toBe("thread");
    expect(talk.letters.length).toBe(2);
  });
});

describe("a letter that did not arrive", () => {
  async function lost(how: "request" | "answer"): Promise<{ school: School; talk: Talk; records: Bytes[] }> {
    const school = await answered(1);
    const talk = await opened(school);
    const records = talk.seal("mine", false);
    school.lose = how;
    await expect(talk.send(records)).rejects.toBeInstanceOf(NetworkLost);
    school.lose = null;
    return { school, talk, records };
  }

  test.each(["request", "answer"] as const)("is sent again as the same letter after a lost %s", async (how) => {
    const { school, talk, records } = await lost(how);
    expect(school.own.length).toBe(how === "answer" ? 1 : 0);
    await talk.refresh();
    expect(await talk.send(records)).toBe(true);
    await talk.refresh();
    expect(texts(talk)).toEqual(["mine: mine", "school: reply 0"]);
    expect(await talk.send(talk.seal("and more", false))).toBe(true);
    await talk.refresh();
    expect(school.own.length).toBe(2);
    expect(await verdict(school)).toBe("accepted");
  });

  test("is sealed anew if another phone wrote meanwhile, and is sent once", async () => {
    const { school, talk, records } = await lost("request");
    school.writes("from the other phone");
    expect(await talk.send(records)).toBe(true);
    await talk.refresh();
    expect(texts(talk)).toEqual(["mine: from the other phone", "mine: mine", "school: reply 0"]);
    expect(await verdict(school)).toBe("accepted");
  });

  test("is sealed anew only once, however often that is lost", async () => {
    const { school, talk, records } = await lost("request");
    school.writes("from the other phone");
    const post = school.line.exchange;
    let posts = 0;
    const flaky = async (...args: Parameters<typeof post>): Promise<Bytes> => {
      const answer = await post(...args);
      // The second post is stored, and its answer lost.
      if (args[0] === 3 && ++posts === 2) throw new NetworkLost();
      return answer;
    };
    Object.assign(talk, { line: { keys: school.keys, exchange: flaky } });
    await expect(talk.send(records)).rejects.toBeInstanceOf(NetworkLost);
    expect(await talk.send(records)).toBe(true);
    expect(school.own.length).toBe(2);
  });

  test("and is dropped for a new one does not move the chain on", async () => {
    const { school, talk } = await lost("request");
    expect(await talk.send(talk.seal("instead", false))).toBe(true);
    await talk.refresh();
    expect(texts(talk)).toEqual(["mine: instead", "school: reply 0"]);
    expect(await verdict(school)).toBe("accepted");
  });

  test("a second letter without a refresh between follows the first", async () => {
    const school = await answered(1);
    const talk = await opened(school);
    expect(await talk.send(talk.seal("a".repeat(9000), false))).toBe(true);
    expect(await talk.send(talk.seal("b", false))).toBe(true);
    expect(school.own.length).toBe(inPieces("a".repeat(9000), Side.Reporter).length + 1);
    expect(await verdict(school)).toBe("accepted");
  });
});

describe("a successor of the identity in the box", () => {
  /** The box names an older identity; the document shows how it handed over. */
  const handedOver = (change: (school: School) => void): Promise<School> =>
    School.open((school) => {
      const { town } = school;
      school.identity = fill(0x90, 32);
      town.handovers = [town.handoverOf(town.school, school.identity, fill(0x91, 32)), town.handoverOf(town.school, fill(0x91, 32), town.school.seed)];
      change(school);
    });

  test("may speak", async () => {
    const school = await handedOver(() => undefined);
    school.reply();
    expect(await verdict(school)).toBe("accepted");
  });

  test("may not, if the identity in the box signed nothing over", async () => {
    const school = await handedOver((one) => (one.identity = fill(0x92, 32)));
    school.reply();
    expect(await verdict(school)).toBe("signature");
  });

  test("may not under another root", async () => {
    const school = await handedOver(() => undefined);
    school.reply();
    Object.assign(school.keys, { root: fill(1, 32) });
    expect(await verdict(school)).toBe("signature");
  });
});
