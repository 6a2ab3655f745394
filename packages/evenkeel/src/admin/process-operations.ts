/** What can be asked of processes. */
import { constants } from "node:os";
import type { InstanceView, Outcome, Supervisor } from "../processes/contract.ts";
import type { followLog } from "../processes/logs/follow-log.ts";
import type { tailLog } from "../processes/logs/tail-log.ts";
import { json, problem, type Answer } from "./answer.ts";
import type { Asked, Operation } from "./operations.ts";
import { instanceDocument } from "./process-document.ts";

export interface ProcessOperationsDeps {
  readonly supervisor: Omit<Supervisor, "apply" | "received" | "stopAll" | "close">;
  /** Where the second output of an instance is kept; undefined where both share one file. */
  readonly errorLogPath: (instance: string) => string | undefined;
  readonly tailLog: typeof tailLog;
  readonly followLog: typeof followLog;
}

const MOST_LINES = 100_000;
const USUAL_LINES = "100";

/** The operations over these processes. `all` names every one, `NAME.1` one instance. */
export function processOperations(deps: ProcessOperationsDeps): readonly Operation[] {
  const { supervisor } = deps;
  const words = ["start", "stop", "restart", "reload", "rollback"] as const;
  return [
    { method: "GET", path: "/processes", changes: false, run: () => list(deps, "all") },
    ...words.map((word) => change(word, deps, ({ name }) => supervisor[word](name))),
    {
      ...change("signal", deps, ({ name, body }) => {
        const signal = signalOf(body);
        return signal ? supervisor.signal(name, signal) : problem(400, noSignal(body));
      }),
      audited(body) {
        const signal = signalOf(body);
        return signal ? { signal } : {};
      },
    },
    {
      ...change("instances", deps, ({ name, body }) => {
        const instances = instancesOf(body);
        return instances === undefined
          ? problem(400, 'The body must be {"instances": N} with a whole number N.')
          : supervisor.scale(name, instances);
      }),
      method: "PUT",
      audited(body) {
        const instances = instancesOf(body);
        return instances === undefined ? {} : { instances };
      },
    },
    { method: "GET", path: "/processes/*/logs", changes: false, run: (asked) => logs(deps, asked) },
  ];
}

function change(
  word: string,
  deps: ProcessOperationsDeps,
  act: (asked: {
    readonly name: string;
    readonly body: unknown;
  }) => Outcome | Answer | Promise<Outcome>,
): Operation {
  return {
    method: "POST",
    path: `/processes/*/${word}`,
    changes: true,
    async run({ parameters, body }) {
      const [name = ""] = parameters;
      const outcome = await act({ name, body });
      if ("status" in outcome) return outcome;
      if (outcome.ok) return list(deps, name);
      return problem(isKnown(deps, name) ? 409 : 404, outcome.problem);
    },
  };
}

function isKnown({ supervisor }: ProcessOperationsDeps, name: string): boolean {
  return supervisor.list().some((view) => means(name, view));
}

function means(name: string, view: InstanceView): boolean {
  return name === "all" || name === view.process || name === view.name;
}

/** Those that a name means. */
function list({ supervisor, errorLogPath }: ProcessOperationsDeps, name: string): Answer {
  const views = supervisor.list().filter((view) => means(name, view));
  const processes = views.map((view) => instanceDocument(view, errorLogPath(view.name)));
  return json(200, { processes });
}

function signalOf(body: unknown): NodeJS.Signals | undefined {
  if (typeof body !== "object" || body === null || !("signal" in body)) return undefined;
  const upper = String(body.signal).toUpperCase();
  const name = upper.startsWith("SIG") ? upper : `SIG${upper}`;
  return Object.hasOwn(constants.signals, name) ? (name as NodeJS.Signals) : undefined;
}

function noSignal(body: unknown): string {
  const names = "HUP, USR1, USR2, INT, TERM, KILL, STOP, CONT and others of the system";
  const isNamed = typeof body === "object" && body !== null && "signal" in body;
  if (!isNamed) return 'The body must be {"signal": "HUP"}, or another signal\'s name.';
  return `There is no signal "${String(body.signal)}"; there is: ${names}.`;
}

function instancesOf(body: unknown): number | undefined {
  if (typeof body !== "object" || body === null || !("instances" in body)) return undefined;
  const { instances } = body;
  return typeof instances === "number" && Number.isInteger(instances) ? instances : undefined;
}

/** The last lines of one instance's log, and with `follow` what comes after. */
function logs(deps: ProcessOperationsDeps, { parameters, query }: Asked): Answer {
  const [name = ""] = parameters;
  const path = logPath(deps, name, query.get("stream") === "err");
  if (typeof path !== "string") return path;
  const lines = Number(query.get("lines") ?? USUAL_LINES);
  if (!Number.isInteger(lines) || lines < 0 || lines > MOST_LINES) {
    return problem(400, `lines is a whole number from 0 to ${MOST_LINES}.`);
  }
  const follow = query.get("follow");
  const isFollowed = follow !== null && follow !== "0" && follow !== "false";
  return {
    status: 200,
    contentType: "text/plain; charset=utf-8",
    body: "",
    async *rest(signal) {
      const { text, end } = await deps.tailLog(path, lines);
      yield text;
      if (isFollowed) yield* deps.followLog(path, end, signal);
    },
  };
}

/** The file, or why there is none. */
function logPath(deps: ProcessOperationsDeps, name: string, isError: boolean): string | Answer {
  const views = deps.supervisor.list();
  const found = views.filter((view) => means(name, view));
  const names = [...new Set(found.map((view) => view.name))];
  const [view] = found;
  if (!view) {
    const known = [...new Set(views.map((one) => one.name))].slice(0, 20).join(", ");
    return problem(404, `There is no instance "${name}"; there is: ${known || "none"}.`);
  }
  if (names.length > 1) return problem(400, `Name one instance: ${names.slice(0, 20).join(", ")}.`);
  if (!isError) return view.logPath;
  return (
    deps.errorLogPath(view.name) ??
    problem(404, `${view.name} writes both outputs to one log; see logs.separate.`)
  );
}
