/** Asks a person and waits, also over a restart. */
import type { RunEvent } from "./plan-run.ts";
import { kinds } from "./resume.ts";
import type { RunContext } from "./run-context.ts";
import { actionInWords } from "./wording.ts";

/** How long a plan in mode `approve` waits for its answer. */
export const ASK_MS = 30 * 60_000;

/** The question before the first step, in mode `approve`. Nobody's answer is a no. */
export async function askFirst(run: RunContext): Promise<RunEvent> {
  const { plan, object } = run.facts;
  const steps = plan.steps.map(({ action }) => actionInWords(action, run.aim(action)));
  const question = `${plan.name} wants to do this for ${object}: ${steps.join(", then ")}`;
  const entry = run.takeOpen(kinds.ask) ?? run.intend(kinds.ask, { question }, ASK_MS);
  const { go, text } = await askPerson(run, question, entry.deadlineMs, "stop");
  if (!run.left.signal.aborted) {
    run.deps.history.ledger.advance(entry.id, go ? "done" : "failed", text);
  }
  return { kind: "answered", go, text };
}

/** `otherwise` is what silence until the deadline means. */
export async function askPerson(
  run: RunContext,
  question: string,
  deadlineMs: number,
  otherwise: "go" | "stop",
): Promise<{ readonly go: boolean; readonly text: string }> {
  const { plan, object, incident, reason, id } = run.facts;
  const { clock, notify } = run.deps;
  const how = `evenkeel plans answer ${id} go|stop`;
  const key = `recovery/${incident}/question`;
  const summary = `${question}: go or stop?`;
  const common = { key, plan: plan.name, incident, object, receivers: plan.onFailure, summary };
  run.doing = `waiting for an answer: ${question}`;
  run.deps.history.incidents.change(incident, { handling: "human" });
  run.note("notification", `asked: ${question} (${how})`);
  notify({ kind: "page", ...common, details: `${reason}. ${how}`, atMs: clock.nowMs() });
  const answer = await waitForAnswer(run, question, deadlineMs, otherwise);
  // Where Evenkeel ends, the next one goes on asking.
  if (run.left.signal.aborted) return answer;
  run.note("operator", answer.text);
  notify({ kind: "over", ...common, details: answer.text, atMs: clock.nowMs() });
  return answer;
}

function waitForAnswer(
  run: RunContext,
  text: string,
  deadlineMs: number,
  otherwise: "go" | "stop",
): Promise<{ readonly go: boolean; readonly text: string }> {
  const { clock, timers } = run.deps;
  const { promise, resolve } = Promise.withResolvers<{ go: boolean; text: string }>();
  const signal = run.signal();
  const end = (go: boolean, text: string): void => {
    run.question = undefined;
    run.doing = `going on: ${text}`;
    timers.clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    resolve({ go, text });
  };
  const stop = (): void => end(false, "it was called off");
  const timer = timers.setTimeout(
    () => {
      // Who slept through the question is called once more: its page is taken back now.
      if (otherwise === "stop") run.handOff = `nobody answered: ${text}`;
      end(otherwise === "go", `nobody answered in time: ${otherwise}`);
    },
    Math.max(0, deadlineMs - clock.nowMs()),
  );
  signal.addEventListener("abort", stop, { once: true });
  run.question = { text, answer: (go, who) => end(go, `${who} says ${go ? "go" : "stop"}`) };
  if (signal.aborted) stop();
  return promise;
}
