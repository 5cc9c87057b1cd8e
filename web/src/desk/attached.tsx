// A photo or file in the talk: closed until somebody opens it, and gone when the desk locks.
import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../envelope/bytes";
import * as api from "./api";
import { type Attachment, isShown, openFile, safeName } from "./evidence";
import { say } from "./words";

const SIZES = ["KB", "MB"];

/** A size as people say it, never below one. */
function sizeOf(bytes: number): string {
  const large = bytes >= 1_048_576;
  return `${String(Math.max(1, Math.round(bytes / (large ? 1_048_576 : 1024))))} ${SIZES[large ? 1 : 0] ?? ""}`;
}

function wrong(error: unknown): string {
  if (error instanceof Refused) return say("file.damaged");
  return say(error instanceof api.Failed && error.word === "not-found" ? "file.waiting" : "error.network");
}

export function Attached(props: { file: Attachment; opened: () => void; lock: () => void }) {
  const { file } = props;
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState<{ address: string; picture: boolean } | null>(null);
  const address = useRef("");
  const gone = useRef(false);
  useEffect(() => () => {
    gone.current = true;
    if (address.current) URL.revokeObjectURL(address.current);
  }, []);
  const open = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      const content = await openFile(file, (n) => setWords(say("file.opening", { n, m: file.count })));
      const picture = isShown(content);
      if (!gone.current) {
        // Never of a type that a browser would run or show by itself.
        address.current = URL.createObjectURL(new Blob([content], { type: picture ? "image/jpeg" : "application/octet-stream" }));
        setShown({ address: address.current, picture });
        setWords(say("file.warn"));
        props.opened();
      }
    } catch (error) {
      if (api.ended(error)) props.lock();
      setWords(wrong(error));
    }
    setBusy(false);
  };
  const name = safeName(file.name);
  return (
    <div class="attached" data-testid="attached">
      <p>{name} · {sizeOf(file.size)}</p>
      {shown?.picture && <img src={shown.address} alt={say("file.alt")} />}
      {shown
        ? <a class="secondary" href={shown.address} download={name} data-testid="save-file">{say("file.save")}</a>
        : <button class="secondary" data-testid="open-file" aria-disabled={busy} onClick={() => void open()}>{say("file.open")}</button>}
      <small role="status">{words}</small>
    </div>
  );
}
