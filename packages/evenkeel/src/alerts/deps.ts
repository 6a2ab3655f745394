/** What alerting needs: everything it reads, remembers and sends comes through here. */
import type { Memory } from "../history/contract.ts";
import type { CreateConditionWatch, SignalReader } from "../signals/contract.ts";
import type { ReceiverSettings } from "../snapshot/alert-settings.ts";
import type { AlertListener } from "./contract.ts";
import type { Message } from "./message.ts";

/** How one try to deliver went. */
export type SendOutcome =
  /** `text` says what was answered. */
  | { readonly kind: "sent"; readonly text: string }
  /** May go well later; not before `notBeforeMs` from now, where the receiver says so. */
  | { readonly kind: "failed"; readonly text: string; readonly notBeforeMs: number | undefined }
  /** Will never go well: given up at once. */
  | { readonly kind: "refused"; readonly text: string };

/** Sends one message to one receiver; ends soon after the abort. Never rejects, and no text of it
 * holds a secret. */
export type Send = (
  receiver: ReceiverSettings,
  message: Message,
  signal: AbortSignal,
) => Promise<SendOutcome>;

/** The part of the log that is used; pino's own fits. */
export interface AlertLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** The platform's timers, so that tests can hand in their own. */
export interface AlertTimers {
  setTimeout(run: () => void, delayMs: number): object | number;
  clearTimeout(handle: object | number): void;
}

export interface AlertsDeps {
  readonly reader: SignalReader;
  readonly watch: CreateConditionWatch;
  readonly memory: Memory;
  readonly log: AlertLog;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly timers: AlertTimers;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Unique for ever. */
  readonly newId: () => string;
  /** `createSend` makes the real one. */
  readonly send: Send;
  readonly onFiring: AlertListener;
}
