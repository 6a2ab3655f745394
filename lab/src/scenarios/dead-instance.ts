/**
 * An instance that is gone or does not answer any more.
 */
import { faultAtMs, overAtMs, roundRobinWaits, type Scenario, victim } from "./scenario.ts";

const oneOfThree = { survivable: true, sluggish: false } as const;

/** The process dies with requests in it. */
export const kill: Scenario = {
  ...oneOfThree,
  name: "kill",
  title: "kill -9",
  what: "One of three instances is killed with SIGKILL and stays dead.",
  async run(stage) {
    await stage.at(faultAtMs(stage));
    stage.fault("kill -9");
    await victim(stage).kill();
  },
};

/** The process stops: its connections stand, nothing answers. */
export const stop: Scenario = {
  ...oneOfThree,
  sluggish: true,
  whyLost: roundRobinWaits,
  name: "stop",
  title: "SIGSTOP",
  what: "One of three instances is stopped with SIGSTOP for 8 of 14 s: the kernel goes on accepting connections for it, nobody answers. Its check does not answer either.",
  async run(stage) {
    await stage.at(faultAtMs(stage));
    stage.fault("SIGSTOP");
    victim(stage).freeze();
    await stage.at(overAtMs(stage));
    stage.over("SIGCONT");
    victim(stage).thaw();
  },
};

/** The port is closed in good order and opened again. */
export const refused: Scenario = {
  ...oneOfThree,
  name: "refused",
  title: "refused port",
  what: "One of three instances closes its port in good order and refuses connections for 8 of 14 s.",
  async run(stage) {
    await stage.at(faultAtMs(stage));
    stage.fault("port closed");
    await victim(stage).refuse();
    await stage.at(overAtMs(stage));
    stage.over("port open");
    await victim(stage).listen();
  },
};

/** Nobody is left for a while. */
export const allDown: Scenario = {
  name: "all-down",
  title: "all down 5 s",
  what: "All three instances are killed at once and come back together after 5 of 14 s.",
  survivable: false,
  sluggish: false,
  async run(stage) {
    const beginMs = faultAtMs(stage);
    await stage.at(beginMs);
    stage.fault("all killed");
    await Promise.all(stage.origins.map((origin) => origin.kill()));
    await Promise.all(stage.origins.map((origin) => origin.restart({ listening: false })));
    await stage.at(beginMs + (stage.lengthMs * 5) / 14);
    await Promise.all(stage.origins.map((origin) => origin.listen()));
    stage.over("all back");
  },
};
