/** Redirects that lead to where they come from. */
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { RouteConfig } from "../schema/route.ts";
import type { Source } from "../source/source.ts";

/** All routes, in order. No listener speaks anything but http; behind a trusted proxy a request may
 * have come by https all the same. */
export function warnOfRedirects(config: Config, source: Source): Problem[] {
  return config.routes.flatMap((route, at) => {
    if (!isHttpAlone(route) || mayBeHttps(route, config)) return [];
    const rule =
      "leads to where clients are that came by http, the only scheme the listener speaks: an endless loop on port 80";
    const hint = "did you mean https?";
    return [source.problemAt(["routes", at, "redirect", "scheme"], rule, { hint })];
  });
}

function isHttpAlone({ redirect }: RouteConfig): boolean {
  if (redirect?.scheme !== "http") return false;
  const { host, port, strip_prefix, replace_prefix, replace_path } = redirect;
  const others = [host, port, strip_prefix, replace_prefix, replace_path];
  return others.every((one) => one === undefined);
}

function mayBeHttps({ listener }: RouteConfig, { listeners, trusted_proxies }: Config): boolean {
  const names = listener ?? Object.keys(listeners);
  return names.some((name) => {
    const trusted = listeners[name]?.trusted_proxies ?? trusted_proxies;
    return trusted.length > 0;
  });
}
