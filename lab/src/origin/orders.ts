/**
 * What the laboratory and an origin's process tell each other.
 */
import type { Behaviour } from "./behaviour.ts";

/** What an origin is told to do; the answer is a `done` report with the same number. */
export type Order = { readonly number: number } & (
  | { readonly kind: "listen" }
  /** Stops listening; what is in flight finishes, idle connections close. */
  | { readonly kind: "refuse" }
  | { readonly kind: "behave"; readonly behaviour: Behaviour }
  /** Like `refuse`, and the process ends when the last request has. */
  | { readonly kind: "leave" }
);

/** An order before it has its number. */
export type OrderKind = Order extends infer One
  ? One extends Order
    ? Omit<One, "number">
    : never
  : never;

/** What an origin says. */
export type Report =
  | { readonly kind: "loaded" }
  | { readonly kind: "done"; readonly number: number }
  /** Requests it has begun to work on since it started; now and then. */
  | { readonly kind: "served"; readonly count: number };
