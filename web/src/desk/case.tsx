// A case: letter and talk on the left, duty, steps, notes and looks on the right.
import { useEffect, useState } from "preact/hooks";
import { Kind, Side } from "../envelope/record";
import { Failed } from "./api";
import { mayExpose } from "./due";
import { TimeLeft, answers, fromWhom, headline } from "./inbox";
import type { Keys } from "./keys";
import { Icon } from "./main";
import { type Entry, Thread } from "./thread";
import { type Key, date, say, visitor } from "./words";

const QUESTIONS = ["kind", "offender", "place", "time", "how_often", "ongoing", "adults_know"];

export function CasePage(props: { keys: Keys; id: string; back: () => void; lock: () => void }) {
  const [thread, setThread] = useState<Thread | null>(null);
  const [failed, setFailed] = useState("");
  const load = async (): Promise<void> => {
    try {
      setThread(await Thread.load(props.keys, props.id));
      setFailed("");
    } catch (error) {
      const word = error instanceof Failed ? error.word : "";
      if (word === "unauthenticated") props.lock();
      else if (word === "not-found") props.back();
      else setFailed(say("error.network"));
    }
  };
  useEffect(() => {
    void load();
  }, []);
  if (!thread) return <main class="case"><p class="pad" role="status">{failed || say("loading")}</p></main>;
  /** Does one thing, then shows the case anew; what was typed stays if it fails. */
  const act = async (deed: () => Promise<void>): Promise<boolean> => {
    try {
      await deed();
      await load();
      return true;
    } catch (error) {
      const conflict = error instanceof Failed && error.word === "conflict";
      if (conflict) await load();
      setFailed(say(conflict ? "error.conflict" : "error.network"));
      return false;
    }
  };
  const out = thread.leftOut();
  const openers = out.length > 0
    ? say("openers.some", { n: thread.raw.summary.holders.length, out: out.join("、") })
    : say("openers.all");
  return (
    <main class="case" data-step="case">
      <header>
        <a class="back" href="/desk" onClick={(event) => { event.preventDefault(); props.back(); }}>‹ {say("back")}</a>
        <h1>{headline(thread.summary)}</h1>
        <p><TimeLeft one={thread.raw.summary} keys={props.keys} /> <span>{say("case")} {props.id.slice(0, 4).toUpperCase()}</span> <span><Icon name="eye" /> {openers}</span></p>
      </header>
      <p class="wrong" role="alert">{failed}</p>
      <div class="columns2">
        <div class="left">
          <LetterView thread={thread} />
          <Talk thread={thread} />
          <Reply send={(text) => act(() => thread.reply(text))} keys={props.keys} thread={thread} />
        </div>
        <aside class="right">
          <Steps thread={thread} set={(stage) => void act(() => thread.setStage(stage))} />
          <Notes thread={thread} save={(text) => act(() => thread.note(text))} />
          <section><h2>{say("seen.title")}</h2><ul class="seen" data-testid="seen-by">{thread.raw.seen_by.map((look, i) => (
            <li key={i}><span>{date(look.day)}</span><span>{look.name}</span><span>{say(`act.${look.act}` as Key)}</span></li>))}</ul></section>
        </aside>
      </div>
    </main>
  );
}

const Untrusted = () => <p class="untrusted" data-testid="untrusted">{say("untrusted")}</p>;

function LetterView(props: { thread: Thread }) {
  const { tip } = props.thread.summary;
  if (!tip) return <section><h2>{say("letter")}</h2><Untrusted /></section>;
  const text = typeof tip.text === "string" ? tip.text : "";
  return (
    <section>
      <h2>{say("letter")}</h2>
      <dl class="facts">
        <div><dt>{say("who")}</dt><dd>{fromWhom(tip)}</dd></div>
        {QUESTIONS.map((name) => <div key={name}><dt>{visitor(`short.${name}`)}</dt><dd>{answers(tip, name) || visitor("q.unknown")}</dd></div>)}
        <div class="whole"><dt>{say("original")}</dt><dd data-testid="letter" data-side="mine">{text || say("nowords")}</dd></div>
      </dl>
    </section>
  );
}

function Bubble(props: { entry: Entry }) {
  const { entry } = props;
  const mine = entry.side === Side.Committee;
  if (!entry.trusted) return <Untrusted />;
  return (
    <article class={`bubble ${mine ? "ours" : ""}`} data-testid="letter" data-side={mine ? "school" : "mine"}>
      <small>{mine ? entry.name : say("writer")} · {date(entry.day)}{entry.worse && <b class="soon"> · {say("worse")}</b>}</small>
      <p>{entry.text}</p>
    </article>
  );
}

function Talk(props: { thread: Thread }) {
  const said = props.thread.entries.filter((entry) => entry.side !== Side.Dossier).sort((a, b) => a.day - b.day);
  return (
    <section>
      <h2>{say("thread")} <small>{say("thread.hint")}</small></h2>
      {said.map((entry, i) => <Bubble key={i} entry={entry} />)}
    </section>
  );
}

function Reply(props: { send: (text: string) => Promise<boolean>; keys: Keys; thread: Thread }) {
  const [text, setText] = useState("");
  const [preview, setPreview] = useState(false);
  const [busy, setBusy] = useState(false);
  const due = props.thread.raw.summary.due;
  const phrases = [say("phrase.1"), say("phrase.2"), ...(due ? [say("phrase.3", { date: date(due.day) })] : [])];
  const confirm = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    if (await props.send(text)) {
      setText("");
      setPreview(false);
    }
    setBusy(false);
  };
  return (
    <section class="reply">
      <h2>{say("reply.title")}</h2>
      {preview
        ? <div class="pad"><p>{say("reply.preview")}</p><p class="bubble asseen">{text}</p>
          <div class="buttons"><button class="secondary" onClick={() => setPreview(false)}>{say("reply.edit")}</button><button class="primary" data-testid="confirm-send" aria-disabled={busy} onClick={() => void confirm()}>{say("reply.confirm")}</button></div></div>
        : <><textarea data-testid="reply" aria-label={say("reply.title")} rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          {mayExpose(text) && <p class="soon pad" role="status">{say("reply.warn")}</p>}
          <div class="buttons">{phrases.map((phrase) => <button key={phrase} class="secondary" onClick={() => setText((now) => now + phrase)}>{phrase}</button>)}
            <button class="primary" data-testid="send-reply" disabled={text.trim() === ""} onClick={() => setPreview(true)}>{say("reply.send")}</button></div></>}
    </section>
  );
}

function Steps(props: { thread: Thread; set: (stage: number) => void }) {
  const { stage } = props.thread.raw.summary;
  const name = (n: number): string => say(`stage.${n}` as Key);
  return (
    <section>
      {stage < 5 && <div class="duty"><small>{say("step.next", { step: name(stage + 1) })}</small>
        <button class="primary" data-testid="next-stage" onClick={() => props.set(stage + 1)}>{name(stage + 1)}</button></div>}
      <h2>{say("steps")}</h2>
      <ol class="steps" data-testid="stage" data-stage={stage}>{[1, 2, 3, 4, 5].map((n) => (
        <li key={n} class={n < stage ? "past" : n === stage ? "here" : ""} aria-current={n === stage ? "step" : undefined}>{name(n)}
          {n !== stage && <button class="plain" data-set-stage={n} aria-label={`${say("step.set")}: ${name(n)}`} onClick={() => props.set(n)}>{say("step.set")}</button>}</li>))}</ol>
    </section>
  );
}

function Notes(props: { thread: Thread; save: (text: string) => Promise<boolean> }) {
  const [text, setText] = useState("");
  const notes = props.thread.entries.filter((entry) => entry.side === Side.Dossier && (entry.kind === Kind.Note || !entry.trusted));
  const save = async (): Promise<void> => {
    if (await props.save(text)) setText("");
  };
  return (
    <section class="notes">
      <h2><Icon name="eye" /> {say("note.title")}</h2>
      {notes.map((entry, i) => entry.trusted
        ? <article key={i} class="noted"><small>{entry.name} · {date(entry.day)}</small><p>{entry.text}</p></article>
        : <Untrusted key={i} />)}
      <textarea data-testid="note" aria-label={say("note.add")} placeholder={say("note.add")} rows={2} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <button class="secondary" data-testid="save-note" disabled={text.trim() === ""} onClick={() => void save()}>{say("note.save")}</button>
    </section>
  );
}
