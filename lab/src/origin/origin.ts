/**
 * Origins as processes of their own: to be killed, stopped, restarted and told how to behave.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

import { freePort } from "../../../test/support/free-port.ts";
import { pinnedNode } from "../../../test/support/pinned-node.ts";
import { within } from "../../../test/support/wait-for.ts";
import { type Behaviour, sound } from "./behaviour.ts";
import type { Order, OrderKind, Report } from "./orders.ts";

const PROGRAM = fileURLToPath(new URL("origin-program.ts", import.meta.url));
const OBEYS_WITHIN_MS = 10_000;

/** One origin. Its port stays the same over restarts. `await using` kills it. */
export class Origin {
  /** Its number: what answers say they come from. */
  readonly number: number;
  readonly port: number;
  #running: Instance | undefined;
  #servedBefore = 0;

  private constructor(number: number, port: number) {
    this.number = number;
    this.port = port;
  }

  /** A new origin, listening unless told otherwise. */
  static async start(number: number, { listening = true } = {}): Promise<Origin> {
    const origin = new Origin(number, await freePort());
    await origin.restart({ listening });
    return origin;
  }

  /** Its process; undefined while it does not run. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Requests it has begun to work on, over all its lives. A killed life's last tenth of a second
   * may be missing. */
  get served(): number {
    return this.#servedBefore + (this.#running?.served ?? 0);
  }

  /** Starts it (again), sound; throws when it runs. */
  async restart({ listening = true } = {}): Promise<void> {
    if (this.#running) throw new Error(`origin ${this.number} runs already`);
    this.#running = await Instance.load(this.port, this.number);
    if (listening) await this.listen();
  }

  /** Opens its port (again). */
  async listen(): Promise<void> {
    await this.#current().order({ kind: "listen" });
  }

  /** Closes its port; what is in flight finishes, idle connections close. */
  async refuse(): Promise<void> {
    await this.#current().order({ kind: "refuse" });
  }

  /** Changes its behaviour: what is not named is as in a sound one. */
  async behave(change: Partial<Behaviour>): Promise<void> {
    await this.#current().order({ kind: "behave", behaviour: { ...sound, ...change } });
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    const gone = this.#forget();
    gone?.child.kill("SIGKILL");
    await gone?.exited;
  }

  /** Replaces the process as a deployment does: the old one finishes what it has and ends, for
   * `downMs` nobody listens, then the new one does. */
  async replace(downMs: number): Promise<void> {
    const successor = await Instance.load(this.port, this.number);
    const old = this.#forget();
    if (old) {
      const closedAt = performance.now();
      await old.order({ kind: "leave" });
      await new Promise((resolve) =>
        setTimeout(resolve, Math.max(0, downMs - (performance.now() - closedAt))),
      );
    }
    this.#running = successor;
    await this.listen();
    await old?.exited;
  }

  /** SIGSTOP: the kernel still accepts connections, nothing is answered. */
  freeze(): void {
    this.#current().child.kill("SIGSTOP");
  }

  /** SIGCONT. */
  thaw(): void {
    this.#current().child.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #current(): Instance {
    if (!this.#running) throw new Error(`origin ${this.number} does not run`);
    return this.#running;
  }

  #forget(): Instance | undefined {
    const instance = this.#running;
    this.#running = undefined;
    this.#servedBefore += instance?.served ?? 0;
    return instance;
  }
}

/** One life of an origin. */
class Instance {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
  served = 0;
  #lastOrder = 0;
  readonly #waiting = new Map<number, () => void>();

  private constructor(child: ChildProcess) {
    this.child = child;
    this.exited = new Promise((resolve) => child.once("exit", () => resolve()));
    child.on("message", (report: Report) => {
      if (report.kind === "served") this.served = report.count;
      if (report.kind !== "done") return;
      this.#waiting.get(report.number)?.();
      this.#waiting.delete(report.number);
    });
    child.on("error", () => {}); // an order to a process that has just gone: "exit" tells
  }

  /** Starts the process; it does not listen yet. */
  static async load(port: number, number: number): Promise<Instance> {
    const child = fork(PROGRAM, [String(port), String(number)], {
      execPath: pinnedNode(),
      execArgv: [],
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });
    const instance = new Instance(child);
    const loaded = new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("exit", (code) => reject(new Error(`origin ${number} ended with ${code}`)));
    });
    await within(`origin ${number} to start`, OBEYS_WITHIN_MS, loaded);
    return instance;
  }

  async order(kind: OrderKind): Promise<void> {
    const order: Order = { ...kind, number: ++this.#lastOrder };
    const done = new Promise<void>((resolve) => this.#waiting.set(order.number, resolve));
    this.child.send(order);
    const first = Promise.race([done.then(() => "done"), this.exited.then(() => "gone")]);
    const how = await within(`an origin to ${kind.kind}`, OBEYS_WITHIN_MS, first);
    if (how === "gone" && kind.kind !== "leave") {
      throw new Error(`an origin ended instead of: ${kind.kind}`);
    }
  }
}
