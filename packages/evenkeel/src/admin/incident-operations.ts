/** What can be asked of incidents. */
import type { Incidents } from "../history/contract.ts";
import type { Deed, Recovery } from "../recovery/contract.ts";
import { json, problem, type Answer } from "./answer.ts";
import { incidentDocument, incidentWithTimeline, timesDocument } from "./incident-document.ts";
import type { Operation } from "./operations.ts";
import { whoAsks } from "./who-asks.ts";

const DAY_MS = 86_400_000;
const USUAL_INCIDENTS = "20";
const MOST_INCIDENTS = 1000;
const USUAL_DAYS = "90";
const MOST_DAYS = 3650;

/** The operations over these incidents. `recovery` follows those of its plans. */
export function incidentOperations(
  incidents: Incidents,
  recovery: Pick<Recovery, "acknowledge" | "resolve">,
  nowMs: () => number,
): readonly Operation[] {
  return [
    {
      method: "GET",
      path: "/incidents",
      changes: false,
      run({ query }) {
        const limit = Number(query.get("limit") ?? USUAL_INCIDENTS);
        if (!isWhole(limit, MOST_INCIDENTS)) {
          return problem(400, `limit is a number from 1 to ${MOST_INCIDENTS}.`);
        }
        return json(200, { incidents: incidents.list(limit).map(incidentDocument) });
      },
    },
    {
      method: "GET",
      path: "/incidents/times",
      changes: false,
      run({ query }) {
        const days = Number(query.get("days") ?? USUAL_DAYS);
        if (!isWhole(days, MOST_DAYS)) {
          return problem(400, `days is a number from 1 to ${MOST_DAYS}.`);
        }
        const times = incidents.times(nowMs() - days * DAY_MS);
        return json(200, { days, times: times.map(timesDocument) });
      },
    },
    {
      method: "GET",
      path: "/incidents/*",
      changes: false,
      run: ({ parameters }) => show(incidents, parameters[0] ?? ""),
    },
    ...(["acknowledge", "resolve"] as const).map((word): Operation => ({
      method: "POST",
      path: `/incidents/*/${word}`,
      changes: true,
      run({ parameters, body }) {
        const [id = ""] = parameters;
        if (!incidents.get(Number(id))) return unknown(id);
        const deed: Deed = recovery[word](Number(id), whoAsks(body));
        return deed.ok ? show(incidents, id) : problem(409, `${deed.problem}.`);
      },
    })),
  ];
}

function show(incidents: Incidents, id: string): Answer {
  const found = /^\d{1,15}$/.test(id) ? incidents.get(Number(id)) : undefined;
  return found ? json(200, incidentWithTimeline(found.incident, found.timeline)) : unknown(id);
}

function unknown(id: string): Answer {
  return problem(404, `There is no incident ${JSON.stringify(id)}.`);
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}
