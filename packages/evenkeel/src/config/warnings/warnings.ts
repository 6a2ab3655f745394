/** What is legal but surely not meant. */
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { Source } from "../source/source.ts";

/** All warnings about a sound configuration. */
export function warnings(_config: Config, _source: Source): Problem[] {
  return [];
}
