// The inbox: one sentence, then rows, the most urgent first.
import { useState } from "preact/hooks";
import type { CaseSummary } from "./api";
import { left, mostUrgentFirst } from "./due";
import type { Keys } from "./keys";
import type { Summary } from "./thread";
import { say, visitor } from "./words";

const FILTERS = {
  all: (one: Summary) => one.raw.stage < 5,
  unopened: (one: Summary) => one.raw.stage === 0,
  new: (one: Summary) => hasNewWords(one.raw),
  closed: (one: Summary) => one.raw.stage === 5,
};
type Filter = keyof typeof FILTERS;

/** The reporter wrote after the tip, and nobody answered since. */
function hasNewWords(one: CaseSummary): boolean {
  const own = one.heads.find((head) => head.side === 0)?.seq ?? 0;
  return own > 0 && one.stage < 5;
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : []);

export function answers(tip: Record<string, unknown>, question: string): string {
  const codes = list(tip[question]).filter((code) => code !== "unknown");
  return codes.map((code) => visitor(`a.${question}.${code}`)).join("、");
}

export function headline(one: Summary): string {
  if (!one.tip) return say("untrusted");
  const what = answers(one.tip, "kind");
  const where = [answers(one.tip, "place"), answers(one.tip, "time")].filter(Boolean).join("，");
  const text = [what, where].filter(Boolean).join(say("sep")) || say("letter");
  return one.raw.urgent ? `${say("urgent")}${say("sep")}${text}` : text;
}

export function fromWhom(tip: Record<string, unknown> | null): string {
  const who = typeof tip?.who === "string" ? tip.who : "unknown";
  const known = ["victim", "witness", "friend", "parent", "staff"].includes(who) ? who : "unknown";
  return say(`from.${known}` as "from.victim");
}

function matches(one: Summary, words: string): boolean {
  const text = `${headline(one)} ${fromWhom(one.tip)} ${typeof one.tip?.text === "string" ? one.tip.text : ""} ${one.raw.id}`;
  return text.toLowerCase().includes(words.trim().toLowerCase());
}

function sentence(cases: readonly Summary[], today: number): { hot: string; rest: string } {
  const open = cases.filter(FILTERS.all);
  const days = open.map((one) => left(one.raw, today)?.days ?? Infinity);
  const count = (n: number, key: "sum.danger" | "sum.late" | "sum.today"): string[] => (n > 0 ? [say(key, { n })] : []);
  const hot = [
    ...count(open.filter((one) => one.raw.urgent && one.raw.stage < 2).length, "sum.danger"),
    ...count(days.filter((d) => d < 0).length, "sum.late"),
  ];
  const rest = [...count(days.filter((d) => d === 0).length, "sum.today"), say("sum.rest", { n: open.length })];
  return { hot: hot.join("，"), rest: rest.join("，") };
}

export function TimeLeft(props: { one: CaseSummary; keys: Keys }) {
  const { one, keys } = props;
  if (one.urgent && one.stage < 2) return <span class="time danger"><strong>{say("now")}</strong><small>{say("danger")}</small></span>;
  const due = left(one, keys.session.today);
  if (!due) return <span class="time"><small>{say("nodue")}</small></span>;
  const { confirmed } = keys.session.limits;
  const source = `${say(`source.${due.duty}`)}${confirmed ? say("confirmed", { by: confirmed }) : say("unconfirmed")}`;
  const tone = due.days < 0 ? "late" : due.days <= 2 ? "soon" : "";
  const text = due.days < 0 ? say("late", { n: -due.days }) : due.days === 0 ? say("today") : say("days", { n: due.days });
  return <span class={`time ${tone}`} data-testid="deadline" title={source}><strong>{text}</strong><small>{say(`duty.${due.duty}`)}</small></span>;
}

function Row(props: { one: Summary; keys: Keys; open: (id: string) => void }) {
  const { one } = props;
  const more = one.tip ? [fromWhom(one.tip), answers(one.tip, "how_often"), answers(one.tip, "ongoing")].filter(Boolean).join(" · ") : "";
  return (
    <li>
      <a class="case-row" data-testid="case-row" data-case={one.raw.id} href={`/desk/cases/${one.raw.id}`}
        onClick={(event) => { event.preventDefault(); props.open(one.raw.id); }}>
        <TimeLeft one={one.raw} keys={props.keys} />
        <span class="what"><strong>{headline(one)}</strong><small>{more}{hasNewWords(one.raw) && <b class="new"> · {say("new")}</b>}</small></span>
        <span class="step"><span>{say(`stage.${one.raw.stage}` as "stage.0")}</span><span class="bars" aria-hidden="true">{[1, 2, 3, 4, 5].map((n) => <i key={n} class={n <= one.raw.stage ? "on" : ""} />)}</span></span>
      </a>
    </li>
  );
}

export function Inbox(props: { keys: Keys; cases: Summary[] | null; failed: boolean; open: (id: string) => void }) {
  const [filter, setFilter] = useState<Filter>("all");
  const [words, setWords] = useState("");
  const { cases } = props;
  if (!cases) return <main class="inbox" data-testid="inbox"><p class="pad" role="status">{say(props.failed ? "error.network" : "loading")}</p></main>;
  const { hot, rest } = sentence(cases, props.keys.session.today);
  const rows = cases.filter(FILTERS[filter]).filter((one) => matches(one, words)).sort((a, b) => mostUrgentFirst(a.raw, b.raw));
  return (
    <main class="inbox" data-testid="inbox">
      <header>
        <div><h1>{say("title")}</h1><p><b class="late">{hot}</b>{hot && "，"}{rest}</p></div>
        <input type="search" data-testid="search" aria-label={say("search")} placeholder={say("search")} autocomplete="off" onInput={(event) => setWords(event.currentTarget.value)} />
      </header>
      {props.failed && <p class="wrong pad" role="alert">{say("error.network")}</p>}
      <div class="filters">
        {(Object.keys(FILTERS) as Filter[]).map((name) => (
          <button key={name} aria-pressed={filter === name} onClick={() => setFilter(name)}>{say(`filter.${name}`)} {cases.filter(FILTERS[name]).length || ""}</button>
        ))}
      </div>
      <p class="columns" aria-hidden="true"><span>{say("col.time")}</span><span>{say("col.what")}</span><span>{say("col.stage")}</span></p>
      {rows.length > 0
        ? <ul class="rows">{rows.map((one) => <Row key={one.raw.id} one={one} keys={props.keys} open={props.open} />)}</ul>
        : <div class="pad"><h2>{say("empty.title")}</h2><p>{say("empty.lead")}</p></div>}
    </main>
  );
}
