/**
 * One object for equal parts. Routes mostly leave their rules at the defaults: shared, ten thousand
 * of them are small in memory and, as cloning keeps identity, on their way to other threads.
 */
import { digest } from "./fingerprint.ts";

/** A part, and a short text that is equal for equal parts. */
export interface Shared<Part> {
  readonly part: Part;
  readonly mark: string;
}

/** Gives parts back by their content, for as long as the pool lives. */
export function createSharing(): <Part extends object>(part: Part) => Shared<Part> {
  const known = new Map<string, Shared<object>>();
  return <Part extends object>(part: Part) => {
    const json = JSON.stringify(part);
    let shared = known.get(json);
    if (shared === undefined) {
      shared = { part, mark: digest(json) };
      known.set(json, shared);
    }
    // Equal JSON is equal content: configuration has no values that JSON tells wrongly.
    return shared as Shared<Part>;
  };
}
