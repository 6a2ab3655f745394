/** The operator's word to a running Evenkeel. */
import type { ReloadOutcome } from "../admin/actions.ts";
import type { EndpointStatus } from "../admin/status.ts";
import type { AdminClient } from "./admin-client.ts";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

export type Operation = "drain" | "undrain" | "eject" | "restore";

/** Drains, ejects or brings back one endpoint and prints how it stands. */
export async function operate(
  client: AdminClient,
  operation: Operation,
  upstream: string,
  endpoint: string,
  terminal: Terminal,
): Promise<void> {
  tell(await client.post(`${pathOf(upstream, endpoint)}/${operation}`), terminal);
}

/** Sets an endpoint's weight; "default" returns to the configured one. */
export async function setWeight(
  client: AdminClient,
  upstream: string,
  endpoint: string,
  weight: string,
  terminal: Terminal,
): Promise<void> {
  if (weight !== "default" && !/^\d{1,5}$/.test(weight)) {
    throw new Failure(2, `a weight is a number from 0 to 65535, or "default", not "${weight}"`);
  }
  const body = { weight: weight === "default" ? null : Number(weight) };
  tell(await client.put(`${pathOf(upstream, endpoint)}/weight`, body), terminal);
}

/** Has the configuration read again; a refused one is a `Failure` with all problems. */
export async function reload(client: AdminClient, terminal: Terminal): Promise<void> {
  const { outcome, changes, problems } = (await client.post("/reload")) as ReloadOutcome;
  if (outcome === "refused") {
    throw new Failure(2, `refused, nothing changed:\n${problems.join("\n")}`);
  }
  for (const warning of problems) terminal.warn(`warning: ${warning}`);
  terminal.print(outcome === "unchanged" ? "nothing changed" : changes.join("\n"));
}

const pathOf = (upstream: string, endpoint: string): string =>
  `/upstreams/${encodeURIComponent(upstream)}/endpoints/${encodeURIComponent(endpoint)}`;

function tell(answer: unknown, terminal: Terminal): void {
  const { upstream, endpoint } = answer as { upstream: string; endpoint: EndpointStatus };
  const { name, state, reason, weight, in_flight } = endpoint;
  terminal.print(
    `${upstream} ${name}: ${state.replaceAll("_", " ")}, weight ${weight}, ` +
      `${in_flight} in flight (${reason})`,
  );
}
