/**
 * One scenario with one product: sets the stage, lets the load and the fault run, takes it down.
 */
import { within } from "../../../test/support/wait-for.ts";
import { epochNowMs } from "../client/load-plan.ts";
import { type Load, startLoad } from "../client/load.ts";
import { openLongConnections } from "../client/long-connections.ts";
import { type Recording, Tally } from "../client/recording.ts";
import type { Mark } from "../metrics/fault-window.ts";
import { summarize } from "../metrics/summarize.ts";
import { cutTimeline } from "../metrics/timeline.ts";
import { Origin } from "../origin/origin.ts";
import type { Product, RunningProduct, Setup } from "../products/product.ts";
import type { Scenario, Stage } from "../scenarios/scenario.ts";
import type { Cell } from "./cell.ts";
import { StallWatch } from "./stall-watch.ts";

/** How a cell is run. */
export interface CellOptions {
  readonly scenario: Scenario;
  readonly product: Product;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Abandons the run. */
  readonly signal: AbortSignal;
  /** Told now and then while it runs. */
  progress?(progress: Progress): void;
}

/** How far a run is. */
export interface Progress {
  /** Since the record began; negative during the warm-up. */
  readonly elapsedMs: number;
  readonly sent: number;
  readonly settled: number;
  readonly failed: number;
  readonly wrong: number;
}

const CONFIGURED_ORIGINS = 3;
const PROGRESS_EVERY_MS = 250;

/** Runs one cell. Throws when something cannot be set up, and when the run is abandoned. */
export async function runCell(options: CellOptions): Promise<Cell> {
  const { scenario, product, seconds, warmUpSeconds } = options;
  await using stack = new AsyncDisposableStack();
  const origins = await startOrigins(stack, CONFIGURED_ORIGINS + (scenario.spares ?? 0));
  const setup: Setup = {
    origins: origins.slice(0, CONFIGURED_ORIGINS),
    slowStart: scenario.slowStart ?? false,
    generation: 0,
  };
  const running = stack.use(await product.start(setup));
  const lengthMs = seconds * 1_000;
  const long = scenario.longConnections
    ? stack.use(openLongConnections(running.port, lengthMs + warmUpSeconds * 1_000 + SPARE_MS))
    : undefined;
  await long?.standing;
  const load = stack.use(startLoad({ ...options, port: running.port }));
  const play = new Play(origins, running, setup, load, options);
  const stalls = stack.use(new StallWatch(() => pidsOf(running, origins)));
  const timer = setInterval(() => play.tell(), PROGRESS_EVERY_MS);
  stack.defer(() => clearInterval(timer));
  const servedBefore = sum(origins.map(({ served }) => served));
  const deadlineMs = lengthMs + warmUpSeconds * 1_000 + ENDS_WITHIN_MS;
  await within(`${scenario.name} with ${product.id}`, deadlineMs, play.finish(scenario));
  const longCount = long?.count();
  const served = sum(origins.map(({ served }) => served)) - servedBefore;
  return toCell(options, play, { long: longCount, served, stallMs: stalls.worstMs });
}

/** Longer than the client's patience: beyond, something is stuck. */
const ENDS_WITHIN_MS = 30_000;

/** Downloads outlast the record by this. */
const SPARE_MS = 1_500;

/** What is known of a run beside its record. */
interface Aside {
  readonly long: Cell["long"];
  readonly served: number;
  readonly stallMs: number;
}

function toCell(
  { scenario, product, ratePerSecond, seconds, warmUpSeconds }: CellOptions,
  { recording, marks, notes }: Play,
  { long, served, stallMs }: Aside,
): Cell {
  const begin = marks.find(({ kind }) => kind === "begin");
  const end = marks.find(({ kind }) => kind === "end");
  const summary = summarize(recording, {
    beginMs: begin?.atMs ?? 0,
    endMs: end?.atMs,
  });
  const asked = recording.capacity + Math.round(ratePerSecond * warmUpSeconds);
  return {
    scenario: scenario.name,
    product: product.id,
    date: new Date().toISOString(),
    version: product.version(),
    ratePerSecond,
    seconds,
    summary,
    long,
    originLoadPercent: Math.round((served / asked) * 1_000) / 10,
    stallMs,
    marks,
    notes,
    timeline: cutTimeline(recording, summary.slowMs),
  };
}

/** The clock, the marks and the end of a run. */
class Play implements Stage {
  readonly marks: Mark[] = [];
  readonly notes: string[] = [];
  readonly origins: readonly Origin[];
  readonly product: RunningProduct;
  readonly setup: Setup;
  readonly lengthMs: number;
  readonly #load: Load;
  readonly #options: CellOptions;

  constructor(
    origins: readonly Origin[],
    product: RunningProduct,
    setup: Setup,
    load: Load,
    options: CellOptions,
  ) {
    this.origins = origins;
    this.product = product;
    this.setup = setup;
    this.lengthMs = options.seconds * 1_000;
    this.#load = load;
    this.#options = options;
  }

  get recording(): Recording {
    return this.#load.recording;
  }

  get #nowMs(): number {
    return epochNowMs() - this.#load.beginsAt;
  }

  async at(ms: number): Promise<void> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const waitMs = ms - this.#nowMs;
    if (waitMs <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const abandon = (): void => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", abandon);
        resolve();
      }, waitMs);
      signal.addEventListener("abort", abandon, { once: true });
    });
  }

  fault(label: string): void {
    if (this.marks.length === 0) this.marks.push({ atMs: this.#nowMs, label, kind: "begin" });
  }

  over(label: string): void {
    this.marks.push({ atMs: this.#nowMs, label, kind: "end" });
  }

  note(text: string): void {
    this.notes.push(text);
  }

  tell(): void {
    const { tally } = this.recording;
    this.#options.progress?.({
      elapsedMs: this.#nowMs,
      sent: tally[Tally.sent]!,
      settled: tally[Tally.settled]!,
      failed: tally[Tally.failed]!,
      wrong: tally[Tally.wrong]!,
    });
  }

  /** Lets the scenario and the load run to their ends. */
  async finish(scenario: Scenario): Promise<void> {
    await Promise.all([scenario.run(this), this.at(this.lengthMs).then(() => this.#load.done)]);
  }
}

async function startOrigins(stack: AsyncDisposableStack, count: number): Promise<Origin[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, number) => stack.use(await Origin.start(number))),
  );
}

function pidsOf(product: RunningProduct, origins: readonly Origin[]): number[] {
  const originPids = origins.map(({ pid }) => pid).filter((pid) => pid !== undefined);
  return [...product.pids(), ...originPids];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
