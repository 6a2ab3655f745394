/** What a route's keys say together, and the names it uses. */
import { nearest } from "../../lib/edit-distance.ts";
import { didYouMean } from "../diagnose.ts";
import type { Problem } from "../problem.ts";
import type { RootConfig } from "../schema/root.ts";
import type { RouteConfig } from "../schema/route.ts";
import type { Path, ProblemDetails, Source } from "../source/source.ts";

/** All routes, in order. */
export function checkRoutes(config: RootConfig, source: Source): Problem[] {
  const problems: Problem[] = [];
  const names = new Map<string, number>();
  config.routes.forEach((route, at) => {
    const path = ["routes", at];
    const report: Report = (key, rule, more) =>
      problems.push(source.problemAt([...path, ...key], rule, more));
    checkReferences(config, route, report);
    checkAction(route, report);
    if (route.name === undefined) return;
    const first = names.get(route.name);
    if (first === undefined) names.set(route.name, at);
    else
      problems.push(source.problemAt([...path, "name"], `routes[${first}] has this name already`));
  });
  return problems;
}

type Report = (key: Path, rule: string, more?: ProblemDetails) => void;

function checkReferences(config: RootConfig, route: RouteConfig, report: Report): void {
  const { upstream, listener } = route;
  if (upstream !== undefined && !Object.hasOwn(config.upstreams, upstream)) {
    const hint = didYouMean(nearest(upstream, Object.keys(config.upstreams)));
    report(["upstream"], "there is no such upstream", { hint, showGot: true });
  }
  listener?.forEach((name, at) => {
    if (Object.hasOwn(config.listeners, name)) return;
    const hint = didYouMean(nearest(name, Object.keys(config.listeners)));
    report(["listener", at], "there is no such listener", { hint, showGot: true });
  });
}

function checkAction(route: RouteConfig, report: Report): void {
  const actions = (["upstream", "redirect", "respond"] as const).filter(
    (key) => route[key] !== undefined,
  );
  if (actions.length !== 1) {
    const got = actions.length === 0 ? "it has none" : `it has ${actions.join(" and ")}`;
    // One that is broken is one too many all the same; for want of one, a mistyped key may stand.
    const certain = actions.length > 1;
    report([], `must have exactly one of upstream, redirect, respond; ${got}`, { certain });
  }
  if (route.upstream === undefined) {
    for (const key of ["rewrite", "hedge"] as const) {
      if (route[key] !== undefined) report([key], "needs an upstream to forward to");
    }
  }
  if (route.timeout !== undefined && route.timeouts.total !== undefined) {
    report(["timeout"], "says the same as timeouts.total: write one of them");
  }
  for (const key of ["rewrite", "redirect"] as const) {
    const change = route[key];
    const prefix = change?.strip_prefix ? "strip_prefix" : "replace_prefix";
    const wanted = change?.strip_prefix ?? change?.replace_prefix;
    if (wanted === undefined || route.path?.kind === "prefix") continue;
    report([key, prefix], "needs a path prefix in this route's path to work on");
  }
}
