// A case: letter and talk on the left, duty, steps, notes and looks on the right.
import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../envelope/bytes";
import { Kind, Side } from "../envelope/record";
import * as api from "./api";
import { Attached } from "./attached";
import type { Drafts } from "./drafts";
import { left, mark } from "./due";
import { Icon } from "./icon";
import { Chip, answers, fromWhom, headline, sourceOf, toneOf } from "./inbox";
import type { Keys } from "./keys";
import { inOrder } from "./talk";
import { type Entry, Thread } from "./thread";
import { type Key, date, say, visitor } from "./words";
import { type Act, Notes, Reply, Untrusted, Wrong } from "./write";

const QUESTIONS = ["kind", "offender", "place", "time", "how_often", "ongoing", "adults_know"];

function reason(error: unknown): string {
  if (error instanceof Refused) return say(error.reason === "statement" ? "error.keys" : "error.untrusted");
  const word = error instanceof api.Failed ? error.word : "";
  return say(word === "conflict" ? "error.conflict" : word === "network" ? "error.network" : "error.other");
}

export function CasePage(props: { keys: Keys; id: string; drafts: Drafts; mark: string; turn: number; back: () => void; lock: () => void }) {
  const [thread, setThread] = useState<Thread | null>(null);
  const [failed, setFailed] = useState("");
  const heading = useRef<HTMLHeadingElement>(null);
  const load = async (): Promise<void> => {
    try {
      setThread(await Thread.load(props.keys, props.id, thread));
      setFailed("");
    } catch (error) {
      if (api.ended(error)) props.lock();
      else if (error instanceof api.Failed && error.word === "not-found") props.back();
      else setFailed(reason(error));
    }
  };
  // Once at first; at each look of the inbox again if that failed, or if something was added since.
  const busy = useRef(false);
  const begun = useRef(false);
  useEffect(() => {
    const own = thread && mark(thread.raw.summary);
    const stale = own !== null && props.mark !== "" && own !== props.mark;
    if (busy.current || (begun.current && !stale && !(own === null && failed))) return;
    busy.current = begun.current = true;
    void load().finally(() => (busy.current = false));
  }, [props.turn]);
  const ready = thread !== null;
  useEffect(() => {
    if (ready) heading.current?.focus();
  }, [ready]);
  if (!thread) return <main class="case" data-step="case"><p class="pad" role="status">{failed || say("loading")}</p></main>;
  const act: Act = async (deed) => {
    try {
      await deed();
      await load();
      return "";
    } catch (error) {
      if (api.ended(error)) {
        props.lock();
        return "";
      }
      if (error instanceof api.Failed && error.word === "conflict") await load();
      return reason(error);
    }
  };
  const out = thread.leftOut();
  const openers = out.length > 0
    ? say("openers.some", { n: thread.raw.summary.holders.length, out: out.join(say("and")) })
    : say(props.keys.session.organisation.level === 2 ? "openers.all" : "openers.bureau");
  return (
    <main class="case" data-step="case">
      <header>
        <div class="title"><a class="back" href="/desk" onClick={(event) => { event.preventDefault(); props.back(); }}><Icon name="back" />{say("back")}</a>
          <h1 tabIndex={-1} ref={heading}>{headline(thread.summary)}</h1></div>
        <p><Chip one={thread.raw.summary} keys={props.keys} /> <span>{say("case")} {props.id.slice(0, 4).toUpperCase()}</span> <span><Icon name="eye" /> {openers}</span></p>
        <Wrong text={failed} />
      </header>
      <div class="columns2">
        <div class="left">
          <LetterView thread={thread} />
          <Talk thread={thread} opened={() => void load()} lock={props.lock} />
          <Reply act={act} thread={thread} drafts={props.drafts} today={props.keys.session.today} />
        </div>
        <aside class="right">
          <Duty thread={thread} keys={props.keys} act={act} />
          <Steps thread={thread} act={act} />
          <Notes thread={thread} act={act} drafts={props.drafts} />
          <section><h2>{say("seen.title")}</h2><ul class="seen" data-testid="seen-by">{thread.raw.seen_by.map((look, i) => (
            <li key={i}><span>{date(look.day)}</span><span>{look.name}</span><span>{say(`act.${look.act}` as Key)}</span></li>))}</ul></section>
        </aside>
      </div>
    </main>
  );
}

function LetterView(props: { thread: Thread }) {
  const { tip } = props.thread.summary;
  if (!tip) return <section><h2>{say("letter")}</h2><Untrusted /></section>;
  const text = typeof tip.text === "string" ? tip.text : "";
  return (
    <section>
      <h2>{say("letter")}</h2>
      {props.thread.summary.plain && <p data-testid="without-script"><small>{say("plain")}</small></p>}
      <dl class="facts">
        <div><dt>{say("who")}</dt><dd>{fromWhom(tip, true)}</dd></div>
        {QUESTIONS.map((name) => <div key={name}><dt>{visitor(`short.${name}`)}</dt><dd>{answers(tip, name) || visitor("q.unknown")}</dd></div>)}
        <div class="whole"><dt>{say("original")}</dt><dd data-testid="letter" data-side="mine">{text || say("nowords")}</dd></div>
      </dl>
    </section>
  );
}

interface Looking { opened: () => void; lock: () => void }

function Bubble(props: { entry: Entry } & Looking) {
  const { entry } = props;
  const mine = entry.side === Side.Committee;
  if (!entry.trusted) return <Untrusted />;
  return (
    <article class={`bubble ${mine ? "ours" : ""}`} data-testid="letter" data-side={mine ? "school" : "mine"}>
      <small>{mine ? entry.name : say("writer")} · {date(entry.day)}{entry.plain && ` · ${say("plain.mark")}`}{entry.worse && <b class="soon"> · {say("worse")}</b>}</small>
      {entry.file ? <Attached file={entry.file} opened={props.opened} lock={props.lock} /> : <p>{entry.text}</p>}
    </article>
  );
}

function Talk(props: { thread: Thread } & Looking) {
  return (
    <section>
      <h2>{say("thread")} <small>{say("thread.hint")}</small></h2>
      {inOrder(props.thread.entries).map((entry, i) => <Bubble key={i} entry={entry} opened={props.opened} lock={props.lock} />)}
    </section>
  );
}

const stageName = (n: number): string => say(`stage.${n}` as Key);

/** What is to be done by when, and who says so. */
function Duty(props: { thread: Thread; keys: Keys; act: Act }) {
  const { summary } = props.thread.raw;
  const [wrong, setWrong] = useState("");
  const due = left(summary, props.keys.session.today);
  const next = summary.stage + 1;
  const go = async (): Promise<void> => setWrong(await props.act(() => props.thread.setStage(next)));
  return (
    <section class="duty" data-testid="duty">
      <h2><small>{say("duty.next")}</small>{due ? say(`duty.${due.duty}`) : summary.stage < 5 ? stageName(summary.stage) : say("duty.done")}</h2>
      {due && <p>{say("duty.by", { date: date(due.day) })}<b class={toneOf(due.days)}>{say(due.days < 0 ? "duty.late" : due.days === 0 ? "duty.today" : "duty.left", { n: Math.abs(due.days) })}</b></p>}
      {due ? <p><small>{sourceOf(props.keys, due.duty)}</small></p> : summary.stage < 5 && <p><small>{say("nodue")}</small></p>}
      <Wrong text={wrong} />
      {next <= 5 && <button class="primary" data-testid="next-stage" onClick={() => void go()}>{say("step.next", { step: stageName(next) })}</button>}
    </section>
  );
}

function Steps(props: { thread: Thread; act: Act }) {
  const { stage } = props.thread.raw.summary;
  const [wrong, setWrong] = useState("");
  /** The day of the newest signed step that led there. */
  const since = (n: number): string => {
    const steps = props.thread.entries.filter((entry) => entry.trusted && entry.kind === Kind.Step && entry.stage === n);
    const last = steps[steps.length - 1];
    return last && n <= stage ? say(n === stage ? "step.since" : "step.on", { date: date(last.day) }) : "";
  };
  const go = async (n: number): Promise<void> => setWrong(await props.act(() => props.thread.setStage(n)));
  return (
    <section>
      <h2>{say("steps")}</h2>
      <Wrong text={wrong} />
      <ol class="steps" data-testid="stage" data-stage={stage}>{[1, 2, 3, 4, 5].map((n) => (
        <li key={n} class={n < stage ? "past" : n === stage ? "here" : ""} aria-current={n === stage ? "step" : undefined}>
          <span>{stageName(n)}</span><small>{since(n)}</small>
          {n !== stage && <button class="plain" data-set-stage={n} aria-label={`${say("step.set")}${say("colon")}${stageName(n)}`} onClick={() => void go(n)}>{say("step.set")}</button>}</li>))}</ol>
    </section>
  );
}
