import type { AccessEntry } from "./contract.ts";
import type { LineBuffer } from "./line-buffer.ts";

/** Adds one entry's line, its end included. */
export type LineFormat = (entry: AccessEntry, out: LineBuffer) => void;
