/** What `evenkeel bench policies` is told besides the load. */
import type { LoadWords } from "./bench-options.ts";

export interface PolicyWords extends LoadWords {
  readonly config: string;
  readonly upstream?: string;
  readonly policies?: string;
  readonly listener?: string;
  readonly path: string;
}
