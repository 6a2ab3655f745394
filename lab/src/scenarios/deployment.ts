/**
 * What deployments do to a group of instances.
 */
import { faultAtMs, type Scenario, type Stage } from "./scenario.ts";

const DOWN_MS = 300;

/** Every instance is replaced, one after the other. */
export const rolling: Scenario = {
  name: "rolling",
  title: "rolling restart",
  what: "All three instances are replaced one after the other, 1.5 of 14 s apart: each finishes what it has, is down for 0.3 s, and a new process listens.",
  survivable: true,
  sluggish: false,
  async run(stage) {
    const stepMs = (stage.lengthMs * 1.5) / 14;
    for (const [index, origin] of stage.origins.entries()) {
      await stage.at(faultAtMs(stage) + index * stepMs);
      stage.fault("restarts begin");
      await origin.replace(DOWN_MS);
    }
    stage.over("all replaced");
  },
};

const addCold = {
  survivable: true,
  sluggish: false,
  spares: 1,
  whyLost:
    "Round robin gives the cold instance a full share that it can't take yet: that is what slow start and least_conn are for.",
  async run(stage: Stage): Promise<void> {
    const added = stage.origins.at(-1)!;
    await stage.at(faultAtMs(stage));
    stage.fault("cold instance added");
    await added.behave({ cold: { firstServiceMs: 20, overMs: 5_000 } });
    await stage.product.reconfigure({ ...stage.setup, origins: stage.origins, generation: 1 });
    await stage.at(faultAtMs(stage) + 5_000);
    stage.over("warm");
  },
} as const;

const COLD =
  "A fourth instance is added that works on one request at a time, 20 ms each at first and nothing after 5 s.";

/** A cold instance gets its whole share at once. */
export const cold: Scenario = {
  ...addCold,
  name: "cold",
  title: "cold instance",
  what: `${COLD} No slow start.`,
};

/** The same where the balancer is told to go slow. */
export const coldSlowStart: Scenario = {
  ...addCold,
  name: "cold-slow-start",
  title: "cold, slow start",
  what: `${COLD} With slow start over 5 s where the product has it: Evenkeel for new and recovered instances, HAProxy for recovered ones only, nginx and Caddy not at all.`,
  slowStart: true,
};
