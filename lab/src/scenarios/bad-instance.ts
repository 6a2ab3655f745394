/**
 * An instance that is there and does harm, while its check says that it is fine.
 */
import type { Behaviour } from "../origin/behaviour.ts";
import { faultAtMs, overAtMs, roundRobinWaits, type Scenario, victim } from "./scenario.ts";

interface Badness {
  readonly name: string;
  readonly title: string;
  readonly what: string;
  readonly sluggish?: boolean;
  readonly behaviour: Partial<Behaviour>;
}

function oneIsBad({ name, title, what, sluggish = false, behaviour }: Badness): Scenario {
  return {
    name,
    title,
    what: `${what} Its check says fine. For 8 of 14 s.`,
    survivable: true,
    sluggish,
    ...(sluggish && { whyLost: roundRobinWaits }),
    async run(stage) {
      await stage.at(faultAtMs(stage));
      stage.fault(title);
      await victim(stage).behave(behaviour);
      await stage.at(overAtMs(stage));
      stage.over("sound again");
      await victim(stage).behave({});
    },
  };
}

/** One bad instance among three, in every way. */
export const badInstances: readonly Scenario[] = [
  oneIsBad({
    name: "reset-head",
    title: "resets before the answer",
    what: "One of three instances resets the connection instead of answering.",
    behaviour: { resets: "before_head" },
  }),
  oneIsBad({
    name: "reset-body",
    title: "resets mid-response",
    what: "One of three instances resets the connection after half of every answer's body (512 of 1024 bytes).",
    behaviour: { resets: "inside_body" },
  }),
  oneIsBad({
    name: "slow",
    title: "400 ms instead of 2",
    what: "One of three instances takes 400 ms for an answer instead of 2.",
    sluggish: true,
    behaviour: { delayMs: 400 },
  }),
  oneIsBad({
    name: "slow-50x",
    title: "50 times slower",
    what: "One of three instances takes 100 ms for an answer instead of 2.",
    sluggish: true,
    behaviour: { delayMs: 100 },
  }),
  oneIsBad({
    name: "errors-100",
    title: "503 always",
    what: "One of three instances answers every request with 503.",
    behaviour: { errorShare: 1 },
  }),
  oneIsBad({
    name: "errors-20",
    title: "503 for 20 %",
    what: "One of three instances answers every fifth request with 503, at random.",
    behaviour: { errorShare: 0.2 },
  }),
  oneIsBad({
    name: "hang",
    title: "hangs",
    what: "One of three instances takes requests and never answers.",
    sluggish: true,
    behaviour: { hangs: true },
  }),
];

/** On one machine bytes hardly ever cross by themselves; over a network they do. */
const RACE = { closeIdleWithinMs: 30, crossedShare: 0.05 };

/** Keep-alive connections that close at the wrong moment. */
export const keepAliveRace: Scenario = {
  name: "keep-alive-race",
  title: "keep-alive race",
  what: "All instances close idle connections at a random moment within 30 ms after an answer: one in twenty requests on a used connection meets its end. For 8 of 14 s.",
  survivable: true,
  sluggish: false,
  async run(stage) {
    await stage.at(faultAtMs(stage));
    stage.fault("idle connections close");
    await Promise.all(stage.origins.map((origin) => origin.behave(RACE)));
    await stage.at(overAtMs(stage));
    stage.over("they stay");
    await Promise.all(stage.origins.map((origin) => origin.behave({})));
  },
};

/** The check of one says bad, the instance is fine. */
export const checkLiesOne: Scenario = {
  name: "check-lies-one",
  title: "one check lies",
  what: "The check of one of three instances says bad though the instance is sound. For 8 of 14 s.",
  survivable: true,
  sluggish: false,
  async run(stage) {
    await stage.at(faultAtMs(stage));
    stage.fault("check says bad");
    await victim(stage).behave({ check: "bad" });
    await stage.at(overAtMs(stage));
    stage.over("check says fine");
    await victim(stage).behave({});
  },
};

/** The checks of all say bad, though all are fine: what a broken dependency of the check does. */
export const checkLiesAll: Scenario = {
  name: "check-lies-all",
  title: "all checks lie",
  what: "The checks of all three instances say bad though all are sound. For 8 of 14 s.",
  survivable: true,
  sluggish: false,
  async run(stage) {
    await stage.at(faultAtMs(stage));
    stage.fault("checks say bad");
    await Promise.all(stage.origins.map((origin) => origin.behave({ check: "bad" })));
    await stage.at(overAtMs(stage));
    stage.over("checks say fine");
    await Promise.all(stage.origins.map((origin) => origin.behave({})));
  },
};
