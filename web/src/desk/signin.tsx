// Signing in: whatever was wrong, one text; what was typed stays.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { NoEngine, argon2id, endArgon2 } from "../engine/start";
import { Refused } from "../envelope/bytes";
import { Failed } from "./api";
import { Keys } from "./keys";
import { say } from "./words";

function reason(error: unknown): string {
  if (error instanceof Refused) return say("signin.keys");
  if (error instanceof NoEngine) return say("signin.engine");
  const word = error instanceof Failed ? error.word : "";
  return say(word === "network" ? "signin.network" : word === "busy" ? "signin.slow" : "signin.wrong");
}

export function SignIn(props: { account: string; locked: boolean; done: (keys: Keys) => void; redraw: () => void }) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState({ text: "" });
  const alert = useRef<HTMLParagraphElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  // Before anything can be typed: a focus that moves later would take the typing with it.
  useLayoutEffect(() => {
    if (props.locked) (props.account ? second : first).current?.focus();
  }, []);
  // Each failure is a new one, so that the same text takes the focus again.
  useEffect(() => {
    if (wrong.text) alert.current?.focus();
  }, [wrong]);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setWrong({ text: "" });
    try {
      props.done(await Keys.signIn(first.current?.value.trim() ?? "", second.current?.value ?? "", argon2id));
    } catch (error) {
      setWrong({ text: reason(error) });
      setBusy(false);
    } finally {
      // With it goes what it computed from the passphrase.
      endArgon2();
    }
  };
  return (
    <main class="signin" data-step="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>{say("signin.title")}</h1>
        {props.locked && <p role="status">{say("signin.locked")}</p>}
        <p class="wrong" role="alert" tabIndex={-1} ref={alert}>{wrong.text}</p>
        <label>{say("signin.account")}<input name="account" data-testid="account" autocomplete="username" defaultValue={props.account} ref={first} required /></label>
        <label>{say("signin.passphrase")}<input name="passphrase" data-testid="passphrase" type="password" autocomplete="current-password" ref={second} required /></label>
        <button class="primary" data-testid="sign-in" aria-disabled={busy}>{say(busy ? "signin.busy" : "signin.go")}</button>
        <button type="button" class="plain" onClick={props.redraw}>{say("language")}</button>
      </form>
    </main>
  );
}
