/**
 * What happens to the balancer itself: new configurations, reloads, death.
 */
import { waitFor } from "../../../test/support/wait-for.ts";
import { ask } from "../products/configured.ts";
import type { Setup } from "../products/product.ts";
import { faultAtMs, overAtMs, type Scenario, type Stage } from "./scenario.ts";

const CHANGES = 100;
const RELOADS = 5;
/** Far longer than any product takes. */
const IN_FORCE_WITHIN_MS = 1_000;

/** A configuration that really changes, again and again. */
export const configChanges: Scenario = {
  name: "config-100",
  title: "100 changes",
  what: "The configuration is changed 100 times in 8 of 14 s, adding and removing a fourth instance in turn, while 20 WebSockets and 10 downloads are open.",
  survivable: true,
  sluggish: false,
  spares: 1,
  longConnections: true,
  run: (stage) => change(stage, CHANGES),
};

/** The same configuration is read again. */
export const reload: Scenario = {
  name: "reload",
  title: "balancer reloaded",
  what: "The balancer is reloaded 5 times in 8 of 14 s with a changed answer header, while 20 WebSockets and 10 downloads are open.",
  survivable: true,
  sluggish: false,
  longConnections: true,
  run: (stage) => change(stage, RELOADS),
};

/** The balancer dies and is started again. */
export const balancerKilled: Scenario = {
  name: "balancer-kill",
  title: "balancer killed",
  what: "All processes of the balancer are killed with SIGKILL; its supervisor starts it again 0.1 s later. Requests of the time in between fail for everybody.",
  whyLost:
    "Evenkeel runs on Node, here from its TypeScript sources, and takes about a second to load and start; the others are native programs that listen within some tens of milliseconds.",
  survivable: false,
  sluggish: false,
  async run(stage) {
    await stage.at(faultAtMs(stage));
    stage.fault("kill -9");
    stage.product.kill();
  },
};

async function change(stage: Stage, times: number): Promise<void> {
  const { setup, product } = stage;
  const beginMs = faultAtMs(stage);
  const stepMs = (overAtMs(stage) - beginMs) / times;
  for (let generation = 1; generation <= times; generation++) {
    await stage.at(beginMs + (generation - 1) * stepMs);
    stage.fault("changes begin");
    await product.reconfigure(next(stage, setup, generation));
  }
  await confirm(stage, next(stage, setup, times));
  stage.over("changes end");
}

/** Waits until the last change is in force; says it once more when it was overheard. */
async function confirm(stage: Stage, last: Setup): Promise<void> {
  const saidAt = performance.now();
  const isInForce = async (): Promise<boolean> =>
    (await ask(stage.product.port)).generation === last.generation;
  const afterMs = (): number => Math.round(performance.now() - saidAt);
  try {
    await waitFor("the last change", isInForce, { withinMs: IN_FORCE_WITHIN_MS });
    stage.note(`last change in force after ${afterMs()} ms`);
  } catch {
    await stage.product.reconfigure(last);
    const heard = await waitFor("it, said again", isInForce, {
      withinMs: IN_FORCE_WITHIN_MS,
    }).catch(() => false);
    stage.note(`last change overheard, said again, ${heard ? "" : "not "}in force then`);
  }
}

/** With a spare origin every other configuration has it. */
function next({ origins }: Stage, setup: Setup, generation: number): Setup {
  const withSpare = generation % 2 === 1;
  return { ...setup, generation, origins: withSpare ? origins : setup.origins };
}
