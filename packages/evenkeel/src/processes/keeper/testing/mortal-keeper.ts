/**
 * A program with a keeper, made to be killed at any instant: `STATE_DIR PREFIX COUNT`. It says in one
 * JSON line what it found, then starts, signals and forgets COUNT children as fast as it can, naming
 * each run in a line before the order.
 */
import { writeSync } from "node:fs";
import type { FromKeeper, LaunchOrder } from "../../contract.ts";
import { createKeeper } from "../keeper.ts";
import { scriptOrder } from "./order.ts";

const [stateDir, prefix, count] = process.argv.slice(2) as [string, string, string];
const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);

const keeper = createKeeper({
  stateDir,
  post,
  log: { info: ignore, warn: ignore, error: tellError } as never,
});

function ignore(): void {}

function tellError(_: object, text: string): void {
  say({ error: text });
}

function post(message: FromKeeper): void {
  if (message.kind === "children") {
    say({
      living: message.living.map(({ order, identity }) => [order.run, identity.pid]),
      exits: message.exits.map(({ run }) => run),
    });
    for (let index = 0; index < Number(count); index++) setImmediate(step, index);
  } else if (message.kind === "exited") {
    keeper.handle({ kind: "forget", run: message.exit.run });
  } else if (message.kind === "launch_failed") say({ error: message.reason });
}

/** Every third child ends by itself, every third is killed. */
function step(index: number): void {
  const run = `${prefix}-${index}`;
  say({ run });
  keeper.handle({ kind: "launch", order: order(run, index) });
  if (index % 3 === 1) keeper.handle({ kind: "signal", run, signal: "SIGKILL", group: true });
}

function order(run: string, index: number): LaunchOrder {
  return scriptOrder(stateDir, run, index % 3 === 0 ? "exit 0" : "exec sleep 100", {
    stdoutPath: `${stateDir}/children.log`,
    stderrPath: `${stateDir}/children.log`,
  });
}

keeper.handle({ kind: "children" });
setInterval(ignore, 1_000_000);
