/** What a dispatch tells the one it works for. */
import type { Reason } from "../../errors/catalogue.ts";
import type { ResponseParser } from "../http1/contract.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";

/** Who wants the answer. After `dispatchFailed` or `answerDone` nothing more is called. */
export interface DispatchOwner {
  /** An interim answer (1xx but 101). */
  answerInterim(head: ResponseParser): void;
  /** The final answer's head: from here on there are no more attempts, but for `answerTakenBack`. */
  answerHead(connection: OriginConnection, head: ResponseParser): void;
  answerBody(connection: OriginConnection, bytes: Buffer, from: number, to: number): void;
  answerReadEnd(): void;
  answerDone(): void;
  /** The answer broke off behind its head: true where nothing of it went to the client, so that
   * another attempt may be made as if there had been none. */
  answerTakenBack(): boolean;
  /** The answer broke off, and something of it went to the client. */
  answerBroke(why: Reason): void;
  /** Bytes behind a 101; `undefined` once the origin sends no more. */
  tunnelBytes(bytes: Buffer | undefined): void;
  originDrained(): void;
  dispatchFailed(why: Reason): void;
}
