/** Bounds that something else keeps from being reached. */
import { formatSize } from "../../lib/size.ts";
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import { isWritten } from "../source/is-written.ts";
import type { Path, Source } from "../source/source.ts";

/** Targets of requests, which have to fit into a request line: those of the routes in order, and that
 * at the top. Its default is not what somebody wrote. */
export function warnOfLimits(config: Config, source: Source): Problem[] {
  const all = Object.keys(config.listeners);
  const judge = (uriBytes: number, path: Path, listeners: readonly string[]): Problem[] => {
    const most = longestLine(config, listeners);
    if (most === undefined || uriBytes <= most) return [];
    const rule = `is never reached: request lines have at most ${formatSize(most)} (limits.request_line)`;
    return [source.problemAt([...path, "limits", "uri"], rule)];
  };
  return [
    ...(isWritten(source, ["limits", "uri"]) ? judge(config.limits.uri, [], all) : []),
    ...config.routes.flatMap(({ limits, listener }, at) =>
      limits.uri === undefined ? [] : judge(limits.uri, ["routes", at], listener ?? all),
    ),
  ];
}

/** The most bytes that any of these listeners takes; undefined for none. */
function longestLine({ listeners, limits }: Config, names: readonly string[]): number | undefined {
  const lines = names.flatMap((name) => {
    const listener = listeners[name];
    return listener ? [listener.limits.request_line ?? limits.request_line] : [];
  });
  return lines.length === 0 ? undefined : Math.max(...lines);
}
