/** Steps of plans in words, for timelines, questions and lists. */
import { formatDuration } from "../lib/duration.ts";
import type { ActionSettings } from "../snapshot/plan-settings.ts";

/** Such as `restart_service api.1` or `wait 30s`. `object`: what it is aimed at. */
export function actionInWords(action: ActionSettings, object: string): string {
  const word = action.action;
  switch (action.action) {
    case "restart_service":
    case "drain":
    case "undrain":
    case "eject":
    case "rollback":
      return `${word} ${object}`;
    case "verify_health":
      return `${word} ${object} at ${action.endpoint}`;
    case "verify":
      return `${word} ${action.condition.text}`;
    case "set_weight":
      return `${word} ${object} to ${action.weight}`;
    case "scale": {
      const sign = action.exact ? "to " : action.change > 0 ? "by +" : "by ";
      return `${word} ${object} ${sign}${action.change}`;
    }
    case "run":
      return `${word} ${action.command.join(" ")}`;
    case "http":
      return `${word} ${action.method} ${action.url}`;
    case "wait":
      return `${word} ${formatDuration(action.ms)}`;
    case "notify":
      return `${word} ${action.receivers.join(", ")}`;
    case "approve":
      return `${word}: ${action.question}`;
  }
}

/** `14 s`, `1m30s`: how long something took, for sentences. */
export function tookInWords(ms: number): string {
  if (ms < 60_000) return `${Math.round(Math.max(0, ms) / 100) / 10} s`;
  return formatDuration(Math.round(ms / 1000) * 1000);
}

/** Fills `{{plan}}`, `{{object}}`, `{{incident}}` and `{{reason}}` into what a plan passes on. */
export function fillIn(text: string, facts: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => facts[name] ?? whole);
}
