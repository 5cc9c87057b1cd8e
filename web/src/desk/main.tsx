// The desk: everything is opened in this browser, and gone when it locks.
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import { Desk } from "./desk";
import { Drafts } from "./drafts";
import type { Keys } from "./keys";
import { SignIn } from "./signin";
import { toggleLanguage } from "./words";

function App() {
  const [keys, setKeys] = useState<Keys | null>(null);
  const [account, setAccount] = useState("");
  const [locked, setLocked] = useState(false);
  const [, setTurn] = useState(0);
  const drafts = useRef(new Drafts()).current;
  const redraw = (): void => {
    toggleLanguage();
    setTurn((turn) => turn + 1);
  };
  const shut = (): void => {
    keys?.forget();
    setKeys(null);
    void api.signOut();
  };
  const lock = (): void => {
    if (keys) drafts.lock(keys);
    setAccount(keys?.session.member.account ?? account);
    setLocked(true);
    shut();
  };
  const leave = (): void => {
    drafts.forget();
    setAccount("");
    setLocked(false);
    history.replaceState(null, "", "/desk");
    shut();
  };
  const done = (opened: Keys): void => {
    drafts.unlock(opened);
    setKeys(opened);
  };
  useEffect(() => {
    document.documentElement.dataset.ready = "";
  }, []);
  return keys
    ? <Desk keys={keys} drafts={drafts} lock={lock} leave={leave} redraw={redraw} />
    : <SignIn account={account} locked={locked} done={done} redraw={redraw} />;
}

const root = document.getElementById("desk");
if (root) render(<App />, root);
