// The desk: everything is opened in this browser, and gone when it locks.
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Failed, signOut } from "./api";
import * as api from "./api";
import { CasePage } from "./case";
import { Inbox } from "./inbox";
import { Keys } from "./keys";
import { type Summary, openSummary } from "./thread";
import { say, toggleLanguage } from "./words";

const caseInAddress = (): string | null => /^\/desk\/cases\/([0-9a-f]{32})$/.exec(location.pathname)?.[1] ?? null;

function SignIn(props: { account: string; locked: boolean; done: (keys: Keys) => void; redraw: () => void }) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setWrong("");
    try {
      const field = (name: string): string => String(form.get(name) as string | null ?? "");
      props.done(await Keys.signIn(field("account").trim(), field("passphrase")));
    } catch (error) {
      const word = error instanceof Failed ? error.word : "sign-in-failed";
      setWrong(say(word === "network" ? "signin.network" : word === "busy" ? "signin.slow" : "signin.wrong"));
      setBusy(false);
    }
  };
  return (
    <main class="signin" data-step="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>{say("signin.title")}</h1>
        {props.locked && <p role="status">{say("signin.locked")}</p>}
        <label>{say("signin.account")}<input name="account" data-testid="account" autocomplete="username" defaultValue={props.account} required /></label>
        <label>{say("signin.passphrase")}<input name="passphrase" data-testid="passphrase" type="password" autocomplete="current-password" required /></label>
        <p class="wrong" role="alert">{wrong}</p>
        <button class="primary" data-testid="sign-in" aria-disabled={busy}>{say(busy ? "signin.busy" : "signin.go")}</button>
        <button type="button" class="plain" onClick={props.redraw}>{say("language")}</button>
      </form>
    </main>
  );
}

/** Minutes until the desk locks; any touch begins them anew. */
function useIdleLock(seconds: number, lock: () => void): number {
  const touched = useRef(performance.now());
  const [minutes, setMinutes] = useState(Math.ceil(seconds / 60));
  useEffect(() => {
    const touch = (): void => {
      touched.current = performance.now();
    };
    const look = (): void => {
      const left = seconds - (performance.now() - touched.current) / 1000;
      if (left <= 0) lock();
      setMinutes(Math.max(1, Math.ceil(left / 60)));
    };
    const timer = setInterval(look, 5000);
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, touch);
    return () => {
      clearInterval(timer);
      for (const event of ["pointerdown", "keydown"]) removeEventListener(event, touch);
    };
  }, [seconds]);
  return minutes;
}

function Desk(props: { keys: Keys; lock: () => void; leave: () => void; redraw: () => void }) {
  const { keys } = props;
  const { session } = keys;
  const [cases, setCases] = useState<Summary[] | null>(null);
  const [failed, setFailed] = useState(false);
  const [shown, setShown] = useState(caseInAddress());
  const minutes = useIdleLock(session.idle_seconds, props.lock);

  const refresh = async (): Promise<void> => {
    try {
      const inbox = await api.inbox();
      session.today = inbox.today;
      const opened: Summary[] = [];
      for (const one of inbox.cases) opened.push(await openSummary(keys, one));
      setCases(opened);
      setFailed(false);
    } catch (error) {
      if (error instanceof Failed && error.word === "unauthenticated") props.lock();
      else setFailed(true);
    }
  };
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => void refresh(), session.refresh_seconds * 1000);
    const popped = (): void => setShown(caseInAddress());
    addEventListener("popstate", popped);
    document.documentElement.dataset.ready = "";
    return () => {
      clearInterval(timer);
      removeEventListener("popstate", popped);
    };
  }, []);
  const open = (id: string): void => {
    history.pushState(null, "", `/desk/cases/${id}`);
    setShown(id);
  };
  const toInbox = (): void => {
    history.pushState(null, "", "/desk");
    setShown(null);
    void refresh();
  };
  const waiting = cases?.filter((one) => one.raw.stage < 5).length ?? 0;
  return (
    <div class="desk">
      <nav class="rail" aria-label={session.organisation.name}>
        <p class="place"><strong>{session.organisation.name}</strong><span>{say(session.organisation.level === 2 ? "committee" : "bureau")}</span></p>
        <button class="tab" aria-current={shown ? undefined : "page"} onClick={toInbox}><Icon name="inbox" /><span>{say("title")}</span><b>{waiting || ""}</b></button>
        <div class="me">
          <p><strong>{session.member.name}</strong><span>{say("unlocked")}</span><span>{say("lock.in", { n: minutes })}</span></p>
          <button class="lock" data-testid="lock" onClick={props.lock}><Icon name="lock" /> {say("lock")}</button>
          <button class="quiet" data-testid="sign-out" onClick={props.leave}>{say("signout")}</button>
          <button class="quiet" onClick={props.redraw}>{say("language")}</button>
        </div>
      </nav>
      {shown
        ? <CasePage key={shown} keys={keys} id={shown} back={toInbox} lock={props.lock} />
        : <Inbox keys={keys} cases={cases} failed={failed} open={open} />}
    </div>
  );
}

export function Icon(props: { name: "inbox" | "lock" | "eye" }) {
  const paths = {
    inbox: "M4 5h16v14H4zM4 14h5l1 2h4l1-2h5",
    lock: "M5 10h14v11H5zM8 10V7a4 4 0 0 1 8 0v3",
    eye: "M3 3l18 18M10 6c6-1 10 3 12 6-1 1-2 3-4 4M6 8c-2 1-3 3-4 4 3 5 8 7 13 5",
  };
  return <svg viewBox="0 0 24 24" aria-hidden="true"><path d={paths[props.name]} /></svg>;
}

function App() {
  const [keys, setKeys] = useState<Keys | null>(null);
  const [account, setAccount] = useState("");
  const [locked, setLocked] = useState(false);
  const [, setTurn] = useState(0);
  const redraw = (): void => {
    toggleLanguage();
    setTurn((turn) => turn + 1);
  };
  const lock = (): void => {
    setAccount(keys?.session.member.account ?? account);
    setLocked(true);
    setKeys(null);
    void signOut();
  };
  const leave = (): void => {
    setAccount("");
    setLocked(false);
    setKeys(null);
    history.replaceState(null, "", "/desk");
    void signOut();
  };
  useEffect(() => {
    document.documentElement.dataset.ready = "";
  }, []);
  return keys
    ? <Desk keys={keys} lock={lock} leave={leave} redraw={redraw} />
    : <SignIn account={account} locked={locked} done={setKeys} redraw={redraw} />;
}

const root = document.getElementById("desk");
if (root) render(<App />, root);
