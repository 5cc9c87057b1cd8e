// The inbox: one sentence, then rows, the most urgent first.
import { useEffect, useRef } from "preact/hooks";
import type { CaseSummary } from "./api";
import { isOpen, left, mostUrgentFirst } from "./due";
import type { Keys } from "./keys";
import type { Summary } from "./thread";
import { amount, say, visitor } from "./words";

const FILTERS = {
  all: isOpen,
  unopened: (one: Summary) => one.raw.stage === 0,
  new: (one: Summary) => one.waits && isOpen(one),
  closed: (one: Summary) => one.raw.stage === 5,
};
export type Filter = keyof typeof FILTERS;

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : []);

export function answers(tip: Record<string, unknown>, question: string): string {
  const codes = list(tip[question]).filter((code) => code !== "unknown");
  return codes.map((code) => visitor(`a.${question}.${code}`)).filter(Boolean).join(say("and"));
}

export function headline(one: Summary): string {
  if (!one.tip) return say("untrusted");
  const what = answers(one.tip, "kind");
  const where = [answers(one.tip, "place"), answers(one.tip, "time")].filter(Boolean).join(say("comma"));
  const text = [what, where].filter(Boolean).join(say("sep")) || say("letter");
  return one.raw.urgent ? `${say("urgent")}${say("colon")}${text}` : text;
}

export function fromWhom(tip: Record<string, unknown> | null, short = false): string {
  const who = typeof tip?.who === "string" ? tip.who : "unknown";
  const known = ["victim", "witness", "friend", "parent", "staff"].includes(who) ? who : "unknown";
  return say(`${short ? "who" : "from"}.${known}` as "from.victim");
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
  return { hot: hot.join(say("comma")), rest: rest.join(say("comma")) };
}

const isDanger = (one: CaseSummary): boolean => one.urgent && one.stage < 2;
export const toneOf = (days: number): string => (days < 0 ? "late" : days <= 2 ? "soon" : "");

/** Where a limit comes from, and whether anybody confirmed it. */
export function sourceOf(keys: Keys, duty: "acknowledge" | "investigate"): string {
  const { confirmed } = keys.session.limits;
  return `${say(`source.${duty}`)}${confirmed ? say("confirmed", { by: confirmed }) : say("unconfirmed")}`;
}

function TimeLeft(props: { one: CaseSummary; keys: Keys }) {
  const { one, keys } = props;
  if (isDanger(one)) return <span class="time danger"><strong>{say("now")}</strong><small>{say("danger")}</small></span>;
  const due = left(one, keys.session.today);
  if (!due) return <span class="time"><small>{say("nodue")}</small></span>;
  // The number is what the eye looks for; its unit is small.
  const [, number = "", unit = ""] = /^(.*\d)?(.*)$/.exec(amount(due.days)) ?? [];
  return (
    <span class={`time ${toneOf(due.days)}`} data-testid="deadline" title={sourceOf(keys, due.duty)}>
      <strong>{number ? <>{number}<i>{unit}</i></> : unit}</strong><small>{say(`duty.${due.duty}`)}</small>
    </span>
  );
}

/** The same in one line, over a case. */
export function Chip(props: { one: CaseSummary; keys: Keys }) {
  const { one, keys } = props;
  if (isDanger(one)) return <strong class="chip danger">{say("urgent")}</strong>;
  const due = left(one, keys.session.today);
  if (!due) return <span class="chip">{say("nodue")}</span>;
  const values = { what: say(`chip.${due.duty}`), n: Math.abs(due.days) };
  const text = say(due.days < 0 ? "chip.late" : due.days === 0 ? "chip.today" : "chip.left", values);
  return <strong class={`chip ${toneOf(due.days)}`} data-testid="deadline" title={sourceOf(keys, due.duty)}>{text}</strong>;
}

function Row(props: { one: Summary; keys: Keys; open: (id: string) => void }) {
  const { one } = props;
  const { stage } = one.raw;
  const more = one.tip ? [fromWhom(one.tip), answers(one.tip, "how_often"), answers(one.tip, "ongoing")].filter(Boolean) : [];
  return (
    <li>
      <a class="case-row" data-testid="case-row" data-case={one.raw.id} href={`/desk/cases/${one.raw.id}`}
        onClick={(event) => { event.preventDefault(); props.open(one.raw.id); }}>
        <TimeLeft one={one.raw} keys={props.keys} />
        <span class="what">
          <strong data-testid={one.tip ? undefined : "untrusted"} class={one.tip ? "" : "wrong"}>{headline(one)}</strong>
          {more.length > 0 && <small>{more.join(" · ")}</small>}
          {one.worse && <b class="worse" data-testid="worse">{say("worse")}</b>}
          {one.waits && isOpen(one) && <b class="new">{say("new")}</b>}
        </span>
        <span class="step"><span>{say(`stage.${stage}` as "stage.0")}<small class="of"> {stage}/5</small></span><span class="bars" aria-hidden="true">{[1, 2, 3, 4, 5].map((n) => <i key={n} class={n <= stage ? "on" : ""} />)}</span></span>
      </a>
    </li>
  );
}

export function Inbox(props: {
  keys: Keys; cases: Summary[] | null; failed: boolean; open: (id: string) => void; left: string | null;
  filter: Filter; setFilter: (filter: Filter) => void; words: string; setWords: (words: string) => void;
}) {
  const { cases, filter, words } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const ready = cases !== null;
  useEffect(() => {
    if (!ready) return;
    // Back to the row one came from, or to the top of what opened.
    const row = props.left && document.querySelector<HTMLElement>(`[data-case="${props.left}"]`);
    (row || heading.current)?.focus();
  }, [ready]);
  if (!cases) return <main class="inbox" data-testid="inbox"><p class="pad" role="status">{say(props.failed ? "error.network" : "loading")}</p></main>;
  const { hot, rest } = sentence(cases, props.keys.session.today);
  const rows = cases.filter(FILTERS[filter]).filter((one) => matches(one, words)).sort(mostUrgentFirst);
  const nothing = cases.some(FILTERS.all) || filter !== "all" || words !== "";
  return (
    <main class="inbox" data-testid="inbox">
      <header>
        <div><h1 tabIndex={-1} ref={heading}>{say("title")}</h1><p><b class="late">{hot}</b>{hot && say("comma")}{rest}</p></div>
        <input type="search" data-testid="search" aria-label={say("search")} placeholder={say("search")} autocomplete="off" value={words} onInput={(event) => props.setWords(event.currentTarget.value)} />
      </header>
      {props.failed && <p class="wrong pad" role="alert">{say("error.stale")}</p>}
      <div class="filters" role="group" aria-label={say("filters")}>
        {(Object.keys(FILTERS) as Filter[]).map((name) => (
          <button key={name} aria-pressed={filter === name} onClick={() => props.setFilter(name)}>{say(`filter.${name}`)} {cases.filter(FILTERS[name]).length || ""}</button>
        ))}
      </div>
      <p class="columns" aria-hidden="true"><span>{say("col.time")}</span><span>{say("col.what")}</span><span>{say("col.stage")}</span></p>
      {rows.length > 0
        ? <ul class="rows">{rows.map((one) => <Row key={one.raw.id} one={one} keys={props.keys} open={props.open} />)}</ul>
        : <div class="pad"><h2>{say(nothing ? "none.title" : "empty.title")}</h2><p>{say(nothing ? "none.lead" : "empty.lead")}</p></div>}
    </main>
  );
}
