/** `evenkeel incidents`. */
import type {
  IncidentDocument,
  IncidentWithTimeline,
  TimesDocument,
} from "../admin/incident-document.ts";
import type { AdminClient } from "./admin-client.ts";
import { Failure } from "./failure.ts";
import { renderIncident, renderIncidents, renderTimes } from "./incidents-view.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

export interface IncidentsOptions {
  readonly json: boolean;
  /** How long it took, instead of what happened. */
  readonly times: boolean;
  readonly limit: string;
  /** How far back times look. */
  readonly days: string;
}

/** Prints the last incidents, or how long they took. */
export async function listIncidents(
  client: AdminClient,
  options: IncidentsOptions,
  terminal: Terminal,
): Promise<void> {
  if (options.times) return showTimes(client, options, terminal);
  const path = `/incidents?limit=${encodeURIComponent(options.limit)}`;
  const document = (await client.get(path)) as { incidents: readonly IncidentDocument[] };
  if (options.json) return printJson(document, terminal);
  const paint = createPaint(terminal.stdout, terminal.environment);
  terminal.print(renderIncidents(document.incidents, Date.now(), paint));
}

async function showTimes(
  client: AdminClient,
  options: IncidentsOptions,
  terminal: Terminal,
): Promise<void> {
  const path = `/incidents/times?days=${encodeURIComponent(options.days)}`;
  const document = (await client.get(path)) as { days: number; times: readonly TimesDocument[] };
  if (options.json) return printJson(document, terminal);
  terminal.print(renderTimes(document.times, document.days));
}

/** Prints one incident with its timeline. */
export async function showIncident(
  client: AdminClient,
  id: string,
  options: { readonly json: boolean },
  terminal: Terminal,
): Promise<void> {
  const incident = (await client.get(`/incidents/${idOf(id)}`)) as IncidentWithTimeline;
  if (options.json) return printJson(incident, terminal);
  terminal.print(renderIncident(incident, createPaint(terminal.stdout, terminal.environment)));
}

/** Says that somebody has seen it, or that it is over. */
export async function signIncident(
  client: AdminClient,
  word: "acknowledge" | "resolve",
  id: string,
  terminal: Terminal,
): Promise<void> {
  const path = `/incidents/${idOf(id)}/${word}`;
  const { state, acknowledged_by: by } = (await client.post(path, {
    by: terminal.environment["USER"],
  })) as IncidentDocument;
  const seen = by === null ? "" : `, seen by ${by}`;
  terminal.print(`incident ${id}: ${state}${seen}`);
}

function idOf(text: string): string {
  if (/^\d{1,15}$/.test(text)) return text;
  throw new Failure(2, `an incident is a number, not "${text}"`);
}

function printJson(value: unknown, terminal: Terminal): void {
  terminal.print(JSON.stringify(value, undefined, 2));
}
