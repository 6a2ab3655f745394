/** What an alert of a rule says. */
import type { AlertRuleSettings } from "../snapshot/alert-settings.ts";
import type { Notice } from "./contract.ts";
import type { RuleLife } from "./rule-life.ts";

/** Names that a rule's summary may have in double braces. */
export const summaryNames = [
  "value",
  "explanation",
  "upstream",
  "endpoint",
  "route",
  "process",
  "instance",
] as const;

const RULE = "\nRule: ";

/** The notice of one subject of a rule. */
export function ruleNotice(settings: AlertRuleSettings, life: RuleLife, key: string): Notice {
  const { name, severity, condition, runbook, labels } = settings;
  const subject: Readonly<Record<string, string | undefined>> = { ...life.subject };
  const own: Record<string, string> = { ...labels };
  for (const [label, value] of Object.entries(subject)) if (value !== undefined) own[label] = value;
  const { explanation } = life;
  const values = { ...subject, explanation, value: valueIn(explanation) };
  return {
    key,
    alert: name,
    severity,
    labels: own,
    summary: fill(settings.summary, values),
    details: `${explanation}${RULE}${condition.text}`,
    runbook,
    startedAtMs: life.startedAtMs,
  };
}

/** What the condition's explanation was when the notice was made. */
export function explanationOf({ details }: Pick<Notice, "details">): string {
  return details.split(RULE, 1)[0] ?? "";
}

/** `812 ms` of `p99 = 812 ms (> 800 ms), 340 requests`; all of it where it holds several or none. */
function valueIn(explanation: string): string {
  const found = [...explanation.matchAll(/ = ([^()]+?) \(/g)];
  return found.length === 1 ? (found[0]?.[1] ?? explanation) : explanation;
}

/** What a thing is not of is left empty. */
function fill(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text
    .replaceAll(/( *)\{\{\s*(\w+)\s*\}\}/g, (_, blanks: string, name: string) => {
      const value = values[name] ?? "";
      return value === "" ? "" : `${blanks}${value}`;
    })
    .replaceAll(/ {2,}/g, " ")
    .trim();
}
