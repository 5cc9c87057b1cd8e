// The worker's half: one question at a time, each answered by 32 bytes, or by null if it could not be computed.
import type { Argon2id } from "../envelope/argon2";
import type { Bytes } from "../envelope/bytes";

export interface Question { secret: Bytes; salt: Bytes }

/** What a worker sees of its own scope; TypeScript's libraries of page and worker do not go together. */
interface Scope {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(answer: Bytes | null): void;
}

export function serve(argon2id: Argon2id): void {
  const scope = self as unknown as Scope;
  scope.onmessage = ({ data: { secret, salt } }) => {
    void argon2id(secret, salt)
      .catch(() => null)
      .then((answer) => scope.postMessage(answer));
  };
  // The page waits for this word: from now on nothing more is fetched.
  scope.postMessage(null);
}
