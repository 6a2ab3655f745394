/** Alerts that will surprise, or reach nobody. */
import { formatDuration } from "../../lib/duration.ts";
import { nearest } from "../../lib/edit-distance.ts";
import type { Config } from "../config.ts";
import { shortestCount } from "../desired/alerts.ts";
import { didYouMean } from "../diagnose.ts";
import type { Problem } from "../problem.ts";
import { receiverWords } from "../schema/alert-receivers.ts";
import type { Path, Source } from "../source/source.ts";

/** Rules, receivers, and who else names receivers. */
export function warnOfAlerts(config: Config, source: Source): Problem[] {
  return [
    ...warnOfRules(config, source),
    ...warnOfReceivers(config, source),
    ...warnOfNames(config, source),
  ];
}

function warnOfRules({ alerts }: Config, source: Source): Problem[] {
  const found: Problem[] = [];
  for (const [name, { when, interval, severity }] of Object.entries(alerts.rules)) {
    const path = ["alerts", "rules", name];
    const counted = shortestCount(when.expression);
    if (interval !== undefined && counted !== undefined && interval > counted) {
      const rule = `is longer than the ${formatDuration(counted)} that the condition counts by`;
      found.push(source.problemAt([...path, "interval"], rule));
    }
    if (severity === "P0" && Object.keys(alerts.receivers).length === 0) {
      const rule = "is P0, but there is no receiver: nobody is called";
      found.push(source.problemAt(path, rule, { atKey: true }));
    }
  }
  return found;
}

function warnOfReceivers({ alerts }: Config, source: Source): Problem[] {
  return Object.entries(alerts.receivers).flatMap(([name, { email, ...others }]) => {
    const path = ["alerts", "receivers", name];
    if (email?.tls === "off" && email.user !== undefined && !isLocal(email.host)) {
      const rule = "sends the password unencrypted over the network";
      return [source.problemAt([...path, "email", "tls"], rule)];
    }
    const hooks = (["slack", "webhook", "sms"] as const).filter((kind) =>
      others[kind]?.url?.startsWith("http:"),
    );
    return hooks.flatMap((kind) => {
      const host = URL.parse(others[kind]?.url ?? "")?.hostname ?? "";
      if (isLocal(host)) return [];
      return [source.problemAt([...path, kind, "url"], "is called without encryption")];
    });
  });
}

function isLocal(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/.test(host);
}

/** Plans and drills may name receivers that are not there: what they have to say is then routed as
 * any other alert. */
function warnOfNames(config: Config, source: Source): Problem[] {
  const { receivers } = config.alerts;
  const kinds = new Set(
    Object.values(receivers).flatMap((receiver) =>
      receiverWords.filter((word) => receiver[word] !== undefined),
    ),
  );
  const known = [
    ...Object.keys(receivers),
    ...[...kinds].flatMap((kind) => [`escalate_to_${kind}`, `notify_${kind}`]),
  ];
  const check = (named: readonly string[], path: Path): Problem[] =>
    named.flatMap((name, at) => {
      const bare = /^(?:escalate_to|notify)_(.+)$/.exec(name)?.[1];
      if (known.includes(name) || (bare !== undefined && Object.hasOwn(receivers, bare))) return [];
      const none = known.length === 0;
      const rule = none
        ? "there are no receivers: nobody is told"
        : "there is no such receiver: what it is told is routed as any other alert";
      const hint = none ? "add one to alerts.receivers" : didYouMean(nearest(name, known));
      return [source.problemAt([...path, at], rule, { hint, showGot: true })];
    });
  return [
    ...Object.entries(config.recovery_plans).flatMap(([name, plan]) =>
      check(plan.on_failure, ["recovery_plans", name, "on_failure"]),
    ),
    ...Object.entries(config.drills).flatMap(([name, drill]) =>
      check(drill.report, ["drills", name, "report"]),
    ),
  ];
}
