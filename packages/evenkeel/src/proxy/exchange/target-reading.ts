/** What a request target means to routing and forwarding. */
import { normalizePath, pathOf, pathToForward, queryOf } from "../router/path.ts";

/** One target, read. */
export interface TargetReading {
  readonly target: string;
  /** In the spelling that routes are matched against; as received where there is none. */
  readonly path: string;
  /** Without the "?". */
  readonly query: string;
  /** Whether the path has a meaning; if not, the request must be refused. */
  readonly isGood: boolean;
  /** The path as it goes to the origin where no rewrite applies. */
  readonly pathToForward: string;
  /** That is the path as it came. */
  readonly isKept: boolean;
}

/** Reads a target in origin form, or "*". */
export function readTarget(target: string): TargetReading {
  const received = pathOf(target);
  const path = normalizePath(received);
  const forwarded = path === undefined ? "" : pathToForward(received, path);
  return {
    target,
    path: path ?? received,
    query: queryOf(target),
    isGood: path !== undefined,
    pathToForward: forwarded,
    isKept: forwarded === received,
  };
}
