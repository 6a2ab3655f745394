/** Recovery plans as text. */
import type { PlanDocument, PlanRunDocument, PlansDocument } from "../admin/plan-document.ts";
import { duration } from "./status-view.ts";
import type { Paint } from "./style.ts";
import { formatTable, type Column } from "./table.ts";

const columns: readonly Column[] = [
  { title: "PLAN", align: "left" },
  { title: "MODE", align: "left" },
  { title: "STATE", align: "left" },
  { title: "LAST RUN", align: "right" },
  { title: "PROVEN", align: "right" },
  { title: "REFUSED BECAUSE", align: "left" },
];
const STATE = 2;
const PROVEN = 4;

/** A line per plan, then the runs under way with what they ask, then the freeze. */
export function renderPlans(document: PlansDocument, nowMs: number, paint: Paint): string {
  const { plans, runs, frozen } = document;
  if (plans.length === 0) return "no recovery plans are configured";
  const rows = plans.map((plan) => [
    plan.name,
    plan.mode.replace("_", " "),
    plan.state,
    ago(plan.last_run_at, nowMs),
    ago(plan.proven_at, nowMs),
    plan.refused ?? "-",
  ]);
  const table = formatTable(columns, rows, (text, row, column) => {
    if (column === STATE) return paint(colorOf(plans[row]!), text);
    return column === PROVEN && plans[row]!.unproven ? paint("yellow", text) : text;
  });
  const lines = [...table, ...runs.flatMap((run) => runLines(run, nowMs))];
  if (frozen) {
    const since = ago(frozen.at, nowMs);
    lines.push(
      paint("red", `frozen by ${frozen.by} ${since}: ${frozen.reason}`),
      '  "evenkeel plans thaw" lets them act again',
    );
  }
  return lines.join("\n");
}

function runLines(run: PlanRunDocument, nowMs: number): string[] {
  const { id, plan, object, incident, doing, question, started_at: since } = run;
  const head = `run ${id.slice(0, 8)} of ${plan} on ${object}, ${ago(since, nowMs)}: ${doing} (incident ${incident})`;
  return question === null ? [head] : [head, `  evenkeel plans answer ${id.slice(0, 8)} go|stop`];
}

function colorOf({ state }: PlanDocument): "green" | "yellow" | "red" | "gray" {
  if (state === "watching") return "green";
  if (state === "off") return "gray";
  return state === "frozen" ? "red" : "yellow";
}

function ago(at: string | null, nowMs: number): string {
  return at === null ? "never" : `${duration(Math.max(0, (nowMs - Date.parse(at)) / 1000))} ago`;
}
