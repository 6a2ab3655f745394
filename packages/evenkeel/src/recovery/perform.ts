/** Carries out one action of a plan. */
import type { ActionSettings } from "../snapshot/plan-settings.ts";
import type { Expression } from "../expression/expression.ts";
import type { Deed } from "./contract.ts";
import type { CallOutcome, RecoveryDeps } from "./deps.ts";
import { pause } from "./pause.ts";
import type { RunFacts } from "./run-facts.ts";
import { allTrue } from "./trigger.ts";
import { fillIn } from "./wording.ts";
import type { Undo } from "./undo.ts";

/** What came of it, with what is worth reading. */
export type Performed = Deed & { readonly output?: string };

/** How often a verification looks. */
export const LOOK_EVERY_MS = 500;

const done: Performed = { ok: true };

/** An action that a person does not decide on; `approve` is asked elsewhere. */
export type Performable = Exclude<ActionSettings, { readonly action: "approve" }>;

/** Ends at the abort at the latest. `sinceMs`: when it began, for what is taken up again. */
export async function perform(
  action: Performable,
  object: string,
  sinceMs: number,
  run: RunFacts,
  { deps, signal }: { readonly deps: RecoveryDeps; readonly signal: AbortSignal },
): Promise<Performed> {
  const { levers } = deps;
  switch (action.action) {
    case "restart_service":
      return await levers.restart(object, signal);
    case "drain":
      return levers.drain(object);
    case "undrain":
      return levers.undrain(object);
    case "eject":
      return levers.eject(object);
    case "set_weight":
      return levers.setWeight(object, action.weight);
    case "scale":
      return await levers.scale(object, action.change, signal);
    case "rollback":
      return await levers.rollback(object, signal);
    case "verify_health":
      return await untilHealthy(action, object, deps, signal);
    case "verify":
      return await untilTrue(action.condition, run, deps, signal);
    case "wait": {
      const leftMs = sinceMs + action.ms - deps.clock.nowMs();
      await pause(deps.timers, Math.min(action.ms, Math.max(0, leftMs)), signal);
      return done;
    }
    case "run":
      return ofCall(await runOrder(action, run, deps, signal));
    case "http":
      return ofCall(await call(action, run, deps, signal));
    case "notify":
      tell(action, run, deps);
      return done;
  }
}

/** Puts things back. */
export async function revert(
  undo: Undo,
  { levers }: RecoveryDeps,
  signal: AbortSignal,
): Promise<Deed> {
  switch (undo.kind) {
    case "drain":
      return levers.drain(undo.object);
    case "undrain":
      return levers.undrain(undo.object);
    case "restore":
      return levers.restore(undo.object);
    case "weight":
      return levers.setWeight(undo.object, undo.weight ?? undefined);
    case "scale":
      return await levers.scale(undo.object, undo.instances, signal);
  }
}

/** Looks until the condition holds. Fails at the abort. */
export async function untilTrue(
  { text, expression }: { readonly text: string; readonly expression: Expression },
  { subject }: RunFacts,
  { watch, reader, clock, timers }: RecoveryDeps,
  signal: AbortSignal,
): Promise<Deed> {
  const condition = watch(expression, reader, subject);
  for (;;) {
    const states = condition.look(clock.nowMs());
    const truth = allTrue(states);
    if (truth === "true") return done;
    if (signal.aborted) {
      const said = states.map(({ explanation }) => explanation).join("; ");
      const why = truth === "unknown" ? "nobody can say" : "it did not become true";
      return { ok: false, problem: `${text}: ${why}${said && ` (${said})`}` };
    }
    await pause(timers, LOOK_EVERY_MS, signal);
  }
}

async function untilHealthy(
  action: Extract<ActionSettings, { action: "verify_health" }>,
  object: string,
  deps: RecoveryDeps,
  signal: AbortSignal,
): Promise<Deed> {
  for (let problem = "it was not asked any more"; ;) {
    if (signal.aborted) return { ok: false, problem };
    const asked = await askAll(action, object, deps, signal);
    if (asked === undefined) return done;
    // What the abort cut off says less than the answer before.
    if (!signal.aborted || problem === "it was not asked any more") problem = asked;
    await pause(deps.timers, LOOK_EVERY_MS, signal);
  }
}

/** The first problem; undefined where all of its addresses answer as they should. */
async function askAll(
  { endpoint, expected }: Extract<ActionSettings, { action: "verify_health" }>,
  object: string,
  { levers, http }: RecoveryDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  const addresses = levers.look(object)?.addresses ?? [];
  if (addresses.length === 0) return `${object} has no address to ask`;
  const answers = await Promise.all(
    addresses.map(({ host, port }) => {
      const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}${endpoint}`;
      return http({ method: "GET", url, headers: {}, body: "", expected }, signal);
    }),
  );
  return answers.find(({ ok }) => !ok)?.text;
}

function runOrder(
  { command, env, cwd }: Extract<ActionSettings, { action: "run" }>,
  run: RunFacts,
  deps: RecoveryDeps,
  signal: AbortSignal,
): Promise<CallOutcome> {
  const facts = factsOf(run);
  const own = Object.entries(env).map(([name, value]) => [name, fillIn(value, facts)] as const);
  const told = Object.entries(facts).map(
    ([name, value]) => [`EVENKEEL_${name.toUpperCase()}`, value] as const,
  );
  const order = {
    command: command.map((word) => fillIn(word, facts)),
    env: Object.fromEntries([...told, ...own]),
    cwd,
  };
  return deps.run(order, signal);
}

function call(
  action: Extract<ActionSettings, { action: "http" }>,
  run: RunFacts,
  deps: RecoveryDeps,
  signal: AbortSignal,
): Promise<CallOutcome> {
  const { method, url, headers, body, expected } = action;
  const facts = factsOf(run);
  // What fills an address must stay one part of it.
  const encoded = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, encodeURIComponent(value)]),
  );
  const order = { method, headers, expected, url: fillIn(url, encoded), body: fillIn(body, facts) };
  return deps.http(order, signal);
}

function ofCall({ ok, text, output }: CallOutcome): Performed {
  return ok ? { ok: true, output } : { ok: false, problem: text, output };
}

function tell(
  { receivers, message }: Extract<ActionSettings, { action: "notify" }>,
  run: RunFacts,
  { notify, clock }: RecoveryDeps,
): void {
  notify({
    kind: "report",
    key: `recovery/${run.incident}/${run.id}/notify`,
    plan: run.plan.name,
    incident: run.incident,
    object: run.object,
    summary: fillIn(message, factsOf(run)),
    details: run.reason,
    receivers,
    atMs: clock.nowMs(),
  });
}

/** What `{{…}}` stands for. */
export function factsOf({
  plan,
  object,
  incident,
  reason,
}: RunFacts): Readonly<Record<string, string>> {
  return { plan: plan.name, object, incident: String(incident), reason };
}
