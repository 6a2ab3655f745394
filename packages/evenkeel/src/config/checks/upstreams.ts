/** What an upstream's keys say together. */
import type { Problem } from "../problem.ts";
import type { RootConfig } from "../schema/root.ts";
import type { UpstreamConfig } from "../schema/upstream.ts";
import type { Path, Source } from "../source/source.ts";

/** All upstreams, in order. */
export function checkUpstreams(config: RootConfig, source: Source): Problem[] {
  return Object.entries(config.upstreams).flatMap(([name, upstream]) => {
    const path = ["upstreams", name];
    return [...checkEndpoints(upstream, path, source), ...checkSettings(upstream, path, source)];
  });
}

function checkEndpoints({ endpoints }: UpstreamConfig, path: Path, source: Source): Problem[] {
  const seen = new Map<string, number>();
  const problems: Problem[] = [];
  endpoints.forEach(({ address }, at) => {
    const first = seen.get(address.name);
    if (first === undefined) seen.set(address.name, at);
    else {
      const rule = `${address.name} is already endpoints[${first}] of this upstream`;
      problems.push(source.problemAt([...path, "endpoints", at, "address"], rule));
    }
  });
  return problems;
}

function checkSettings(upstream: UpstreamConfig, path: Path, source: Source): Problem[] {
  const { sticky, ejection } = upstream;
  const problems: Problem[] = [];
  if (sticky?.same_site === "none" && !sticky.secure) {
    const rule = "none is refused by browsers without secure: true";
    problems.push(source.problemAt([...path, "sticky", "same_site"], rule));
  }
  if (ejection && ejection.max < ejection.base) {
    const rule = "must not be shorter than base";
    problems.push(source.problemAt([...path, "ejection", "max"], rule, { showGot: true }));
  }
  return problems;
}
