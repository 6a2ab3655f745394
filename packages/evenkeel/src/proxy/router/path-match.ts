/** A route's path condition, compiled to the spelling that requests are normalized to. */
import { RE2JS } from "re2js";

import type { RouteMatch } from "../../snapshot/snapshot.ts";
import { literalPrefix } from "./literal-prefix.ts";
import { normalizePath } from "./path.ts";

/** `prefix` comes without a trailing slash: it holds its own path and everything below it; an empty
 * one holds everything. No condition at all is the empty prefix. */
export type PathMatch =
  | { readonly kind: "exact"; readonly path: string }
  | { readonly kind: "prefix"; readonly prefix: string }
  | {
      readonly kind: "regex";
      readonly pattern: string;
      /** What every matching path begins with; maybe empty. */
      readonly literal: string;
      readonly expression: RE2JS;
    };

/** Compiles a condition. Characters outside ASCII stand for their UTF-8 escapes, as in requests.
 * Regular expressions are found anywhere in the path unless they are anchored. Throws where an
 * expression is none that RE2 knows. */
export function compilePathMatch(path: RouteMatch["path"]): PathMatch {
  if (path === undefined) return { kind: "prefix", prefix: "" };
  const { kind, value } = path;
  if (kind === "regex") {
    const expression = RE2JS.compile(value);
    return { kind, pattern: value, literal: literalPrefix(value), expression };
  }
  const escaped = value.replaceAll(/[^\u{21}-\u{7e}]+/gu, (text) => encodeURI(text));
  const normal = normalizePath(escaped) ?? escaped;
  if (kind === "exact") return { kind, path: normal };
  return { kind, prefix: normal.endsWith("/") ? normal.slice(0, -1) : normal };
}

/** Whether a normalized path fulfils the condition. */
export function matchesPath(match: PathMatch, path: string): boolean {
  if (match.kind === "exact") return path === match.path;
  if (match.kind === "prefix") return isBelow(path, match.prefix);
  return path.startsWith(match.literal) && match.expression.test(path);
}

function isBelow(path: string, prefix: string): boolean {
  if (prefix === "") return true;
  if (!path.startsWith(prefix)) return false;
  return path.length === prefix.length || path.charCodeAt(prefix.length) === 0x2f;
}
