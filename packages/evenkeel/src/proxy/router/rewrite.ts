/** What a route makes of a path (Gateway API, HTTPPathModifier). */
import type { RewritePath, RouteMatch } from "../../snapshot/snapshot.ts";
import { compilePathMatch } from "./path-match.ts";

/** From the normalized path that was matched to the new one, without a query. */
export type PathRewrite = (path: string) => string;

/** Compiles a rewrite; `undefined` for none. `prefix` replaces the part that the route's prefix
 * matched, or all that an exact path matched; with no prefix, or an expression, it is put in
 * front. Slashes where the parts meet are never doubled nor lost; the result begins with one. */
export function compilePathRewrite(
  rewrite: RewritePath | undefined,
  match: RouteMatch["path"],
): PathRewrite | undefined {
  if (rewrite === undefined) return undefined;
  const value = toPath(rewrite.value);
  if (rewrite.kind === "full" || match?.kind === "exact") return () => value;
  const compiled = match?.kind === "prefix" ? compilePathMatch(match) : undefined;
  const matched = compiled?.kind === "prefix" ? compiled.prefix.length : 0;
  const front = value.endsWith("/") ? value.slice(0, -1) : value;
  return (path) => {
    const rest = path.slice(matched);
    // "*" of OPTIONS has no place in a path.
    if (rest === "" || path === "*") return value;
    return front + rest;
  };
}

function toPath(value: string): string {
  const escaped = value.replaceAll(/[^\u{21}-\u{7e}]+/gu, (text) => encodeURI(text));
  return escaped.startsWith("/") ? escaped : `/${escaped}`;
}
