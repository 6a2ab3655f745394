/** `evenkeel plans`. */
import type { PlansDocument } from "../admin/plan-document.ts";
import type { AdminClient } from "./admin-client.ts";
import { Failure } from "./failure.ts";
import { renderPlans } from "./plans-view.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** Prints the plans, what they are at, and what a person is asked. */
export async function listPlans(
  client: AdminClient,
  options: { readonly json: boolean },
  terminal: Terminal,
): Promise<void> {
  const document = (await client.get("/plans")) as PlansDocument;
  if (options.json) terminal.print(JSON.stringify(document, undefined, 2));
  else tell(document, terminal);
}

/** Runs a plan on an object now. */
export async function runPlan(
  client: AdminClient,
  plan: string,
  object: string,
  terminal: Terminal,
): Promise<void> {
  const path = `/plans/${encodeURIComponent(plan)}/run`;
  tell((await client.post(path, { object, ...signed(terminal) })) as PlansDocument, terminal);
}

/** Answers what a run asks. */
export async function answerRun(
  client: AdminClient,
  run: string,
  answer: string,
  terminal: Terminal,
): Promise<void> {
  if (answer !== "go" && answer !== "stop") {
    throw new Failure(2, `the answer is "go" or "stop", not "${answer}"`);
  }
  const path = `/plans/runs/${encodeURIComponent(run)}/answer`;
  tell((await client.post(path, { answer, ...signed(terminal) })) as PlansDocument, terminal);
}

/** Keeps all plans from beginning anything, or lets them again. */
export async function freezePlans(
  client: AdminClient,
  word: "freeze" | "thaw",
  reason: string,
  terminal: Terminal,
): Promise<void> {
  const body = { ...(reason !== "" && { reason }), ...signed(terminal) };
  tell((await client.post(`/plans/${word}`, body)) as PlansDocument, terminal);
}

function tell(document: PlansDocument, terminal: Terminal): void {
  const paint = createPaint(terminal.stdout, terminal.environment);
  terminal.print(renderPlans(document, Date.now(), paint));
}

function signed({ environment }: Terminal): { readonly by?: string } {
  const user = environment["USER"];
  return user === undefined ? {} : { by: user };
}
