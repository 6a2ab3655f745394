/** A keeper under test: its messages can be waited for, its children do not outlive the test. */
import type { TestContext } from "node:test";
import type { FromKeeper, Keeper, LaunchOrder, LivingChild } from "../../contract.ts";
import { createKeeper, type KeeperDeps } from "../keeper.ts";
import { isAlive } from "../identity.ts";

export interface KeptForTest {
  readonly keeper: Keeper;
  readonly logged: { readonly level: string; readonly text: string; readonly fields: object }[];
  readonly messages: readonly FromKeeper[];
  /** The next message of this kind and run, from now or before; each is handed out once. */
  readonly next: <Kind extends FromKeeper["kind"]>(
    kind: Kind,
    run?: string,
  ) => Promise<Extract<FromKeeper, { kind: Kind }>>;
  readonly launch: (order: LaunchOrder) => Promise<LivingChild>;
  readonly children: () => Promise<Extract<FromKeeper, { kind: "children" }>>;
}

/** A keeper of this state folder. What it launched is killed after the test, groups and all. */
export function keepForTest(
  t: TestContext,
  stateDir: string,
  more: Partial<KeeperDeps> = {},
): KeptForTest {
  const messages: FromKeeper[] = [];
  const unread: FromKeeper[] = [];
  const logged: { level: string; text: string; fields: object }[] = [];
  const waiting: { wants: (message: FromKeeper) => boolean; got: (message: FromKeeper) => void }[] =
    [];
  const post = (message: FromKeeper): void => {
    messages.push(message);
    if (message.kind === "launched") endAfter(t, message.child);
    const index = waiting.findIndex(({ wants }) => wants(message));
    if (index < 0) unread.push(message);
    else waiting.splice(index, 1)[0]!.got(message);
  };
  const log = Object.fromEntries(
    ["info", "warn", "error"].map((level) => [
      level,
      (fields: object, text: string) => logged.push({ level, text, fields }),
    ]),
  ) as unknown as KeeperDeps["log"];
  const keeper = createKeeper({ stateDir, post, log, ...more });
  t.after(() => keeper.close());

  const next: KeptForTest["next"] = (kind, run) => {
    const wants = (message: FromKeeper): boolean =>
      message.kind === kind && (run === undefined || runOf(message) === run);
    return new Promise((resolve) => {
      const got = (message: FromKeeper): void => resolve(message as never);
      const index = unread.findIndex(wants);
      if (index >= 0) got(unread.splice(index, 1)[0]!);
      else waiting.push({ wants, got });
    });
  };
  return {
    keeper,
    logged,
    messages,
    next,
    async launch(order) {
      keeper.handle({ kind: "launch", order });
      return (await next("launched", order.run)).child;
    },
    async children() {
      keeper.handle({ kind: "children" });
      return await next("children");
    },
  };
}

function runOf(message: FromKeeper): string | undefined {
  switch (message.kind) {
    case "launched":
      return message.child.order.run;
    case "exited":
      return message.exit.run;
    case "launch_failed":
    case "said_ready":
      return message.run;
    case "children":
      return undefined;
  }
}

/** Kills the child's whole group when the test ends; a number in new hands is left alone. */
export function endAfter(t: TestContext, { identity }: LivingChild): void {
  t.after(() => {
    try {
      if (isAlive(identity)) process.kill(-identity.pid, "SIGKILL");
    } catch {
      // It ended in this very moment.
    }
  });
}
