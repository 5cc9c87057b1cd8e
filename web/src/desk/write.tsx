// The two boxes that are never one: words for the writer, and notes the writer never sees.
import { useEffect, useRef, useState } from "preact/hooks";
import { Kind, Side } from "../envelope/record";
import { mayExpose } from "./due";
import type { Drafts } from "./drafts";
import { Icon } from "./icon";
import type { Thread } from "./thread";
import { date, say, visitor } from "./words";

/** Does something; the text of what went wrong, or nothing. */
export type Act = (deed: () => Promise<void>) => Promise<string>;

export const Untrusted = () => <p class="untrusted" data-testid="untrusted">{say("untrusted")}</p>;

/** What went wrong, where it went wrong; takes the focus. */
export function Wrong(props: { text: string }) {
  const ref = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (props.text) ref.current?.focus();
  }, [props.text]);
  return <p class="wrong" role="alert" tabIndex={-1} ref={ref}>{props.text}</p>;
}

/** A text that outlives a lock, a refresh and a failure. */
function useDraft(drafts: Drafts, name: string): [string, (words: string) => void] {
  const [text, setText] = useState(drafts.get(name));
  return [text, (words) => {
    drafts.set(name, words);
    setText(words);
  }];
}

export function Reply(props: { act: Act; thread: Thread; drafts: Drafts; today: number }) {
  const { thread } = props;
  const [text, setText] = useDraft(props.drafts, `reply ${thread.raw.summary.id}`);
  const [preview, setPreview] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const box = useRef<HTMLElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const shown = useRef<HTMLParagraphElement>(null);
  const began = useRef(false);
  useEffect(() => {
    // Whoever has gone on to the notes stays there: what is typed for colleagues must not land among the words for the writer.
    const here = document.activeElement === document.body || box.current?.contains(document.activeElement);
    if (began.current && here) (preview ? shown : area).current?.focus();
    began.current = true;
  }, [preview]);
  const { due } = thread.raw.summary;
  const phrases = [say("phrase.1"), say("phrase.2"), ...(due?.duty === "investigate" ? [say("phrase.3", { date: date(due.day) })] : [])];
  const confirm = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setWrong("");
    const failure = await props.act(() => thread.reply(text));
    setWrong(failure);
    setBusy(false);
    if (failure) return;
    setText("");
    setPreview(false);
  };
  return (
    <section class="reply" aria-label={say("reply.title")} ref={box}>
      <h2><Icon name="mail" /> {say("reply.title")}</h2>
      {preview
        ? <div class="preview">
          <p tabIndex={-1} ref={shown}>{say("reply.preview")}</p>
          <div class="bubble asseen" data-testid="as-seen"><small>{visitor("talk.school")} · {date(props.today)}</small><p>{text}</p></div>
          {mayExpose(text) && <p class="soon">{say("reply.warn")}</p>}
          <Wrong text={wrong} />
          <div class="buttons"><button class="secondary" onClick={() => setPreview(false)}>{say("reply.edit")}</button><button class="primary" data-testid="confirm-send" aria-disabled={busy} onClick={() => void confirm()}>{say(busy ? "reply.busy" : "reply.confirm")}</button></div>
        </div>
        : <>
          <textarea data-testid="reply" aria-label={say("reply.title")} rows={3} value={text} ref={area} onInput={(event) => setText(event.currentTarget.value)} />
          <p class="soon warn" role="status" data-testid="warning">{mayExpose(text) ? say("reply.warn") : ""}</p>
          <div class="buttons">
            {phrases.map((phrase) => <button key={phrase} class="secondary" data-phrase onClick={() => { setText(text + phrase); area.current?.focus(); }}>{phrase}</button>)}
            <button class="primary" data-testid="send-reply" aria-disabled={text.trim() === ""} onClick={() => { if (text.trim() === "") area.current?.focus(); else setPreview(true); }}>{say("reply.send")}</button>
          </div>
        </>}
    </section>
  );
}

export function Notes(props: { thread: Thread; act: Act; drafts: Drafts }) {
  const { thread } = props;
  const [text, setText] = useDraft(props.drafts, `note ${thread.raw.summary.id}`);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  const notes = thread.entries.filter((entry) => entry.side === Side.Dossier && (entry.kind === Kind.Note || !entry.trusted));
  const save = async (): Promise<void> => {
    if (text.trim() === "") area.current?.focus();
    if (text.trim() === "" || busy) return;
    setBusy(true);
    setWrong("");
    const failure = await props.act(() => thread.note(text));
    setWrong(failure);
    setBusy(false);
    if (!failure) setText("");
  };
  return (
    <section class="notes" aria-label={say("note.title")}>
      <h2><Icon name="eye" /> {say("note.title")}</h2>
      {notes.map((entry, i) => entry.trusted
        ? <article key={i} class="noted"><small>{entry.name} · {date(entry.day)}</small><p>{entry.text}</p></article>
        : <Untrusted key={i} />)}
      <textarea data-testid="note" aria-label={say("note.add")} placeholder={say("note.add")} rows={2} value={text} ref={area} onInput={(event) => setText(event.currentTarget.value)} />
      <Wrong text={wrong} />
      <button class="secondary" data-testid="save-note" aria-disabled={busy || text.trim() === ""} onClick={() => void save()}>{say("note.save")}</button>
    </section>
  );
}
