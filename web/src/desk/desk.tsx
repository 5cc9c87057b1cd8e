// What stands around the inbox and a case: the rail, the lock, the address, the refreshing.
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import { CasePage } from "./case";
import type { Drafts } from "./drafts";
import { isOpen, mark } from "./due";
import { Icon } from "./icon";
import { useIdleLock } from "./idle";
import { type Filter, Inbox } from "./inbox";
import type { Keys } from "./keys";
import { type Summary, openSummary } from "./thread";
import { say } from "./words";

const caseInAddress = (): string | null => /^\/desk\/cases\/([0-9a-f]{32})$/.exec(location.pathname)?.[1] ?? null;
const fromInbox = (): boolean => (history.state as { inbox?: boolean } | null)?.inbox === true;

const reporterHead = (one: api.CaseSummary): number => one.heads.find((head) => head.side === 0)?.seq ?? 0;

export function Desk(props: { keys: Keys; drafts: Drafts; lock: () => void; leave: () => void; redraw: () => void }) {
  const { keys } = props;
  const { session } = keys;
  const [cases, setCases] = useState<Summary[] | null>(null);
  const [failed, setFailed] = useState(false);
  const [shown, setShown] = useState(caseInAddress());
  const [news, setNews] = useState(false);
  const [more, setMore] = useState(false);
  const [filter, setFilter] = useState<Filter>("all");
  const [words, setWords] = useState("");
  const [turn, setTurn] = useState(0);
  const known = useRef<Map<string, number> | null>(null);
  const left = useRef<string | null>(null);
  const minutes = useIdleLock(session.idle_seconds, props.lock);

  const refresh = async (): Promise<void> => {
    try {
      const inbox = await api.inbox();
      session.today = inbox.today;
      const opened: Summary[] = [];
      for (const one of inbox.cases) opened.push(await openSummary(keys, one));
      const before = known.current;
      known.current = new Map(inbox.cases.map((one) => [one.id, reporterHead(one)]));
      setNews(before !== null && inbox.cases.some((one) => reporterHead(one) > (before.get(one.id) ?? -1)));
      setCases(opened);
      setFailed(false);
    } catch (error) {
      if (api.ended(error)) props.lock();
      else setFailed(true);
    }
    setTurn((now) => now + 1);
  };
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => void refresh(), session.refresh_seconds * 1000);
    const popped = (): void => {
      setShown(caseInAddress());
      void refresh();
    };
    addEventListener("popstate", popped);
    return () => {
      clearInterval(timer);
      removeEventListener("popstate", popped);
    };
  }, []);
  useEffect(() => {
    if (shown) left.current = shown;
  }, [shown]);
  const open = (id: string): void => {
    history.pushState({ inbox: true }, "", `/desk/cases/${id}`);
    setShown(id);
  };
  const toInbox = (): void => {
    setMore(false);
    if (shown && fromInbox()) {
      history.back(); // So that the browser's Back leads on to where one was before the desk.
      return;
    }
    if (shown) history.pushState(null, "", "/desk");
    setShown(null);
    void refresh();
  };
  const waiting = cases?.filter(isOpen).length ?? 0;
  const raw = cases?.find((one) => one.raw.id === shown)?.raw;
  return (
    <div class="desk">
      <header class="rail">
        <p class="place"><strong>{session.organisation.name}</strong><span>{say(session.organisation.level === 2 ? "committee" : "bureau")}</span></p>
        <nav class="tabs" aria-label={say("nav")}>
          <button class="tab" aria-current={shown ? undefined : "page"} onClick={toInbox}><Icon name="inbox" /><span>{say("title")}</span><b>{waiting || ""}</b></button>
          <button class="tab wider" aria-expanded={more} aria-controls="more" onClick={() => setMore(!more)}><Icon name="more" /><span>{say("more")}</span></button>
        </nav>
        <div class="me">
          <p><strong>{session.member.name}</strong><span class="state">{say("unlocked")}</span><span class="left-in">{say("lock.in", { n: minutes })}</span></p>
          <button class="lock" data-testid="lock" onClick={props.lock}><Icon name="lock" /> {say("lock")}</button>
        </div>
        <div class="more" id="more" data-open={more ? "" : undefined}>
          <button class="quiet" data-testid="sign-out" onClick={props.leave}>{say("signout")}</button>
          <button class="quiet" onClick={props.redraw}>{say("language")}</button>
        </div>
      </header>
      <p class="unseen" role="status" data-testid="news">{news ? say("news") : ""}</p>
      {shown
        ? <CasePage key={shown} keys={keys} id={shown} drafts={props.drafts} mark={raw ? mark(raw) : ""} turn={turn} back={toInbox} lock={props.lock} />
        : <Inbox keys={keys} cases={cases} failed={failed} open={open} left={left.current} filter={filter} setFilter={setFilter} words={words} setWords={setWords} />}
    </div>
  );
}
