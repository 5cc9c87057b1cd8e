// Photos and files, offered once the letter is safe: chosen, made ready on this phone, sent piece by piece.
import { NetworkLost } from "./network";
import { element, find, say } from "./page";
import { type Prepared, UnfitFile, prepare, read } from "./prepare";
import type { Talk } from "./talk";
import { Upload } from "./upload";

const MOST_FILES = 20;
/** A line that breaks is tried again by itself so often without a piece arriving, after a pause in milliseconds. */
const TRIES = 6;
const PAUSE = 1500;

interface Item { file: File; prepared: Prepared; keep: HTMLInputElement; row: Row; upload: Upload | null; sent: number }

/** One line of the list: what it is or how far it got, and what can be done with it. */
interface Row { line: HTMLElement; words: HTMLElement; progress: HTMLProgressElement; remove: HTMLElement }

/** The name is for the visitor alone, to tell one from the other. */
function newRow(list: HTMLElement, name: string): Row {
  const words = element("span", { role: "status" }, say("file.preparing"));
  const progress = element("progress", { hidden: "", "aria-label": say("file.progress") });
  const remove = element("button", { type: "button", class: "link", "data-testid": "remove-file" }, say("file.remove"));
  const line = element("li", { "data-testid": "file", "data-state": "preparing" },
    element("div", {}, element("small", {}, name), words, progress), remove);
  list.append(line);
  return { line, words, progress, remove };
}

function show(row: Row, state: string, words: string): void {
  row.line.dataset.state = state;
  row.words.textContent = words;
}

const pause = (milliseconds: number): Promise<void> => new Promise((done) => window.setTimeout(done, milliseconds));

/** The part of a step that offers it. `open` is asked for the conversation when something is to be sent. */
class Offer {
  private readonly items: Item[] = [];
  private readonly list: HTMLElement;
  private readonly button: HTMLButtonElement;
  private talk: Talk | null = null;
  private sending = false;
  /** Files are looked at one after the other, in the order they were chosen: each may take the memory of a whole picture. */
  private looking = Promise.resolve();

  constructor(part: HTMLElement, private readonly open: () => Promise<Talk | null>, private readonly arrived: () => void) {
    this.list = find(part, "ul");
    this.button = find<HTMLButtonElement>(part, "[data-testid=send-files]");
    this.list.replaceChildren();
    this.button.onclick = () => void this.sendAll();
    for (const input of part.querySelectorAll<HTMLInputElement>("input[type=file]")) {
      input.onchange = () => {
        this.add(Array.from(input.files ?? []));
        input.value = "";
      };
    }
    this.update();
  }

  private update(): void {
    this.button.hidden = this.sending || !this.next();
    this.button.textContent = say(this.items.some(({ sent }) => sent > 0) ? "file.again" : "talk.send");
  }

  private add(files: readonly File[]): void {
    for (const file of files) {
      const row = newRow(this.list, file.name);
      row.remove.onclick = () => this.remove(row);
      if (this.list.children.length > MOST_FILES) show(row, "unfit", say("file.many"));
      else this.looking = this.looking.then(() => this.ready(file, row)).then(() => this.update());
    }
  }

  private async ready(file: File, row: Row): Promise<void> {
    try {
      const prepared = await prepare(file);
      const keep = element("input", { type: "checkbox", autocomplete: "off" });
      const words = prepared.picture ? say("file.photo") + (prepared.animated ? say("file.still") : "") : say("file.carries");
      show(row, "ready", words);
      if (!prepared.picture) row.progress.before(element("label", {}, keep, ` ${say("file.keep")}`));
      // Unless it was removed while it was looked at.
      if (this.list.contains(row.line)) this.items.push({ file, prepared, keep, row, upload: null, sent: 0 });
    } catch (error) {
      show(row, "unfit", say(`file.${error instanceof UnfitFile ? error.why : "picture"}`));
    }
  }

  private remove(row: Row): void {
    const at = this.items.findIndex((item) => item.row === row);
    if (at >= 0) this.items.splice(at, 1);
    row.line.remove();
    this.update();
  }

  private async sendAll(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    this.update();
    let item = this.next();
    while (item && (await this.sendOne(item))) item = this.next();
    this.sending = false;
    this.update();
  }

  private next(): Item | undefined {
    return this.items.find(({ row }) => row.line.dataset.state !== "sent" && row.line.dataset.state !== "unfit");
  }

  /** False if there is no use in going on with the others now. */
  private async sendOne(item: Item): Promise<boolean> {
    const { row } = item;
    row.remove.hidden = true;
    try {
      item.upload ??= await this.begun(item);
      const stored = await this.persist(item, item.upload);
      show(row, stored ? "sent" : "refused", say(stored ? "file.sent" : "file.refused"));
      row.progress.hidden = true;
      row.remove.hidden = stored;
      if (stored) this.arrived();
      return stored;
    } catch (error) {
      row.remove.hidden = false;
      if (error instanceof UnfitFile) show(row, "unfit", say(`file.${error.why}`));
      else if (error instanceof NetworkLost) show(row, "broken", say("file.broken", { n: item.sent, m: item.upload?.count ?? "?" }));
      else show(row, "refused", say("problem.locking.title"));
      return error instanceof UnfitFile;
    }
  }

  /** A picture's bytes are here; another file is read now, once. */
  private async begun({ file, prepared, keep, row }: Item): Promise<Upload> {
    show(row, "sending", say("file.preparing"));
    const bytes = prepared.bytes ?? (await read(file));
    row.line.querySelector("label")?.remove();
    return new Upload(bytes, keep.checked ? file.name : prepared.name, prepared.type);
  }

  /** Sends on until it is there; a broken line is tried again by itself for a while. */
  private async persist(item: Item, upload: Upload): Promise<boolean> {
    const { row } = item;
    const tell = (): void => {
      row.progress.hidden = false;
      row.progress.max = upload.count;
      row.progress.value = item.sent;
      show(row, "sending", say("file.sending", { n: item.sent, m: upload.count }));
    };
    for (let tries = 1; ; tries++) {
      tell();
      try {
        this.talk ??= await this.open();
        return this.talk !== null && (await upload.send(this.talk, (pieces) => {
          item.sent = pieces;
          tries = 0;
          tell();
        }));
      } catch (error) {
        if (!(error instanceof NetworkLost) || tries >= TRIES) throw error;
        await pause(PAUSE);
      }
    }
  }
}

/** Offers it anew in a step, with nothing chosen. */
export function offerEvidence(step: HTMLElement, open: () => Promise<Talk | null>, arrived: () => void): void {
  new Offer(find(step, ".evidence"), open, arrived);
}
