/** What conditions ask for that is somewhere else in the file, and what metric health does. */
import { nearest } from "../../lib/edit-distance.ts";
import type { Condition, Expression, SignalRef } from "../../expression/expression.ts";
import { didYouMean } from "../diagnose.ts";
import type { Problem } from "../problem.ts";
import type { RootConfig } from "../schema/root.ts";
import type { Path, Source } from "../source/source.ts";

const LONGEST_EJECTION_MS = 3_600_000;

/** Metric health of all upstreams. */
export function checkSignals(config: RootConfig, source: Source): Problem[] {
  return Object.entries(config.upstreams).flatMap(([name, { metric_health: rules }]) =>
    rules.flatMap(({ when, then }, at) => {
      const path = ["upstreams", name, "metric_health", at];
      const problems = checkCondition(when, [...path, "when"], config, source);
      if ((then.weight === undefined) === (then.eject === undefined)) {
        problems.push(source.problemAt([...path, "then"], "needs either weight or eject"));
      }
      if ((then.eject ?? 0) > LONGEST_EJECTION_MS) {
        const rule = "an endpoint is ejected for at most 1h at once";
        problems.push(source.problemAt([...path, "then", "eject"], rule, { showGot: true }));
      }
      return problems;
    }),
  );
}

/** Whether what a condition names is there: upstreams, endpoints, routes, processes, Prometheus. For
 * every place of the file where a condition stands. */
export function checkCondition(
  condition: Condition,
  path: Path,
  config: RootConfig,
  source: Source,
): Problem[] {
  return signalsOf(condition.expression).flatMap((signal) => {
    if (signal.name === "prometheus") {
      if (config.prometheus !== undefined) return [];
      const hint = 'add prometheus: { url: "http://…" } at the top';
      const details = { hint, within: placeOf(condition, "prometheus") };
      return [source.problemAt(path, "asks a Prometheus, but none is configured", details)];
    }
    return Object.entries(signal.selector).flatMap(([key, value]) => {
      const known = namesOf(key, signal, config);
      if (!known || value === "*" || known.includes(value)) return [];
      const hint = didYouMean(nearest(value, known));
      const within = placeOf(condition, value);
      return [source.problemAt(path, `there is no ${key} "${value}"`, { hint, within })];
    });
  });
}

/** Where a word stands in the condition, for the caret. */
function placeOf({ text }: Condition, word: string): { value: string; at: number } {
  return { value: text, at: Math.max(0, text.indexOf(word)) };
}

/** Every signal that a condition speaks of, in order. */
export function signalsOf(expression: Expression): readonly SignalRef[] {
  switch (expression.kind) {
    case "comparison":
      return [expression.signal];
    case "and":
    case "or":
      return expression.parts.flatMap(signalsOf);
    case "lasting":
    default:
      return signalsOf(expression.of);
  }
}

/** The names a selector may have; undefined where any may come up: instances come and go, and so do
 * the endpoints that stand for them, and routes without a name get one. */
function namesOf(key: string, signal: SignalRef, config: RootConfig): string[] | undefined {
  if (signal.name === "metric" && key === "name") return undefined;
  if (key === "upstream") return Object.keys(config.upstreams);
  if (key === "process") return Object.keys(config.processes);
  return undefined;
}
