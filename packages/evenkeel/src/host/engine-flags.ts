/**
 * What the JavaScript engine is told before any thread starts.
 *
 * A request passes through some sixty small functions. V8 stops inlining a caller once it has taken
 * in 920 bytes of bytecode, which leaves most of them as calls. Whether the room still pays
 * shows in the user time of `npm run bench -- cpu`, with these flags and without.
 */
import { setFlagsFromString } from "node:v8";

/** Names as `node --v8-options` lists them. */
export const engineFlags = [
  "--max-inlined-bytecode-size=800",
  "--max-inlined-bytecode-size-cumulative=3000",
] as const;

/** Sets the flags for this process; call it once, before threads are started. */
export function tuneEngine(): void {
  for (const flag of engineFlags) setFlagsFromString(flag);
}
