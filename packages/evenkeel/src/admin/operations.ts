/** The table of what can be asked of the admin address. */
import type { OperatorCommand } from "../health/contract.ts";
import type { AdminActions } from "./actions.ts";
import { json, problem, text, type Answer } from "./answer.ts";
import { buildRoutes } from "./routes.ts";

/** One asked operation: decoded path parameters, and the parsed body where there is one. */
export interface Asked {
  readonly parameters: readonly string[];
  readonly body: unknown;
  readonly query: URLSearchParams;
}

export interface Operation {
  readonly method: "GET" | "POST" | "PUT";
  /** `*` stands for one path segment. */
  readonly path: string;
  /** Changes something: written to the audit log. */
  readonly changes: boolean;
  /** The largest body it takes; 16 KiB unless given. */
  readonly bodyBytes?: number;
  /** What of its body the audit log tells, where the path does not say all; nothing of a bad one. */
  audited?(body: unknown): Readonly<Record<string, string | number>>;
  run(asked: Asked): Answer | Promise<Answer>;
}

const DEFAULT_WINDOW_MS = 10_000;
const LONGEST_WINDOW_S = 60;

/** All operations over these actions. */
export function operations(actions: AdminActions): readonly Operation[] {
  return [
    read("/healthz", () => text(200, "live")),
    read("/readyz", () => {
      const { ready, reason } = actions.readiness();
      return text(ready ? 200 : 503, reason);
    }),
    read("/metrics", async () => {
      const { contentType, text: body } = await actions.metrics();
      return { status: 200, contentType, body };
    }),
    read("/status", ({ query }) => status(actions, query.get("window") ?? "10")),
    read("/routes", () => json(200, { routes: buildRoutes(actions.snapshot()) })),
    ...(["drain", "undrain", "eject", "restore"] as const).map((kind) =>
      onEndpoint(actions, "POST", kind, () => ({ kind })),
    ),
    { ...onEndpoint(actions, "PUT", "weight", weightCommand), audited: auditedWeight },
    { method: "POST", path: "/reload", changes: true, run: () => reload(actions) },
  ];
}

function read(path: string, run: Operation["run"]): Operation {
  return { method: "GET", path, changes: false, run };
}

function status(actions: AdminActions, window: string): Answer {
  const seconds = Number(window);
  if (!(seconds >= 1 && seconds <= LONGEST_WINDOW_S)) {
    return problem(400, `window is a number of seconds from 1 to ${LONGEST_WINDOW_S}.`);
  }
  return json(200, actions.status(seconds * 1000));
}

function onEndpoint(
  actions: AdminActions,
  method: "POST" | "PUT",
  word: string,
  commandOf: (body: unknown) => OperatorCommand | string,
): Operation {
  return {
    method,
    path: `/upstreams/*/endpoints/*/${word}`,
    changes: true,
    run({ parameters, body }) {
      const [upstream = "", endpoint = ""] = parameters;
      const command = commandOf(body);
      if (typeof command === "string") return problem(400, command);
      if (!actions.command(upstream, endpoint, command)) {
        return problem(404, unknownEndpoint(actions, upstream, endpoint));
      }
      const status = actions
        .status(DEFAULT_WINDOW_MS)
        .upstreams.find(({ name }) => name === upstream)
        ?.endpoints.find(({ name }) => name === endpoint);
      return json(200, { upstream, endpoint: status });
    },
  };
}

const MAX_WEIGHT = 65_535;

/** `{ "weight": 0 to 65535 }`, or null for the configured one; a string says what is wrong. */
function weightCommand(body: unknown): OperatorCommand | string {
  const wrong = `The body must be {"weight": N} with N from 0 to ${MAX_WEIGHT}, or null.`;
  if (typeof body !== "object" || body === null || !("weight" in body)) return wrong;
  const { weight } = body;
  if (weight === null) return { kind: "weight", weight: undefined };
  if (typeof weight !== "number" || !Number.isInteger(weight)) return wrong;
  return weight < 0 || weight > MAX_WEIGHT ? wrong : { kind: "weight", weight };
}

function auditedWeight(body: unknown): Readonly<Record<string, string | number>> {
  const command = weightCommand(body);
  if (typeof command === "string" || command.kind !== "weight") return {};
  return { weight: command.weight ?? "default" };
}

function unknownEndpoint(actions: AdminActions, upstream: string, endpoint: string): string {
  const { upstreams } = actions.snapshot();
  const known = upstreams.find(({ name }) => name === upstream);
  const [missing, within, names] = known
    ? [`endpoint "${endpoint}"`, ` in upstream "${upstream}"`, known.endpoints]
    : [`upstream "${upstream}"`, "", upstreams];
  const list = names.slice(0, 20).map(({ name }) => name);
  return `There is no ${missing}${within}; there is: ${list.join(", ") || "none"}.`;
}

async function reload(actions: AdminActions): Promise<Answer> {
  const outcome = await actions.reload();
  return json(outcome.outcome === "refused" ? 422 : 200, outcome);
}
