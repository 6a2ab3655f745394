/**
 * `npm run lab`: the fault laboratory.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describeMachine } from "../../bench/src/measure/machine.ts";
import { renderPage } from "../../packages/evenkeel/src/report/render-page.ts";
import { type Arguments, parseArguments, USAGE } from "./arguments.ts";
import type { Results } from "./metrics/verdicts.ts";
import { allProducts, chooseProducts } from "./products/all.ts";
import type { Product } from "./products/product.ts";
import { factsOf } from "./report/facts.ts";
import { describePage } from "./report/page.ts";
import { finishedText, progressText } from "./report/progress-line.ts";
import { alignedText, closingText, scenarioText } from "./report/terminal.ts";
import { mergeCells, readResults, writeResults } from "./results-file.ts";
import type { Cell } from "./run/cell.ts";
import { type Listener, runAll } from "./run/run-all.ts";
import { allScenarios, chooseScenarios } from "./scenarios/all.ts";
import type { Scenario } from "./scenarios/scenario.ts";

interface Plan {
  readonly asked: Arguments;
  readonly products: readonly Product[];
  readonly scenarios: readonly Scenario[];
  readonly earlier: readonly Cell[];
}

async function main(argv: readonly string[]): Promise<number> {
  let plan: Plan;
  try {
    plan = makePlan(parseArguments(argv));
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const { asked } = plan;
  if (asked.help || asked.list) {
    print(asked.help ? USAGE : listing());
    return 0;
  }
  return await measure(plan);
}

function makePlan(asked: Arguments): Plan {
  const scenarios = asked.scenarios[0] === "none" ? [] : chooseScenarios(asked.scenarios);
  const earlier = mergeCells(...asked.add.map((file) => readResults(file).cells));
  return { asked, products: chooseProducts(asked.products), scenarios, earlier };
}

async function measure({ asked, products, scenarios, earlier }: Plan): Promise<number> {
  const present = presentProducts(products);
  if (!asked.polite) raisePriority();
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  const show = createListener(present);
  const options = { ...asked, products: present, scenarios, signal: stop.signal };
  const measured = await runAll(options, show.listener);
  const cells = inOrder(mergeCells(earlier, measured));
  const results: Results = {
    cells,
    products: allProducts.filter(({ id }) => cells.some((cell) => cell.product === id)),
    scenarios: allScenarios.filter(({ name }) => cells.some((cell) => cell.scenario === name)),
  };
  if (cells.length > 0) print(`\n${closingText(results)}`);
  writeFiles(asked, results);
  if (stop.signal.aborted) say("interrupted: these are the results so far");
  const whole = measured.length === present.length * scenarios.length;
  return whole && present.length === products.length ? 0 : 1;
}

function writeFiles({ json, html }: Arguments, results: Results): void {
  const date = new Date().toISOString();
  const machine = describeMachine();
  if (json !== undefined) {
    writeResults(json, { format: 1, date, machine, cells: results.cells });
    say(`written to ${json}`);
  }
  if (html !== undefined) {
    writeFileSync(html, renderPage(describePage(results, factsOf(results, machine))));
    say(`written to ${html}`);
  }
}

function createListener(products: readonly Product[]): { readonly listener: Listener } {
  const startedAt = performance.now();
  const live = process.stderr.isTTY;
  let done = 0;
  const meanMs = (): number | undefined =>
    done === 0 ? undefined : (performance.now() - startedAt) / done;
  const clear = live ? "\r\u001B[K" : "";
  const listener: Listener = {
    progress: (place, progress) => {
      if (live) process.stderr.write(clear + progressText(place, progress, meanMs()));
    },
    finished: (place, cell) => {
      done++;
      say(clear + finishedText(place, cell));
    },
    failed: (place, error) => {
      done++;
      say(
        `${clear}${place.scenario.title}, ${place.product.name} could not be measured: ${error instanceof Error ? error.message : String(error)}`,
      );
    },
    scenarioDone: (scenario, cells) => {
      if (cells.length === 0) return;
      print(`\n${scenarioText({ cells, products, scenarios: [scenario] }, scenario)}\n`);
    },
  };
  return { listener };
}

function presentProducts(products: readonly Product[]): Product[] {
  if (products.some(({ family }) => family !== "evenkeel")) {
    const script = fileURLToPath(new URL("../../scripts/install-peers.sh", import.meta.url));
    spawnSync(script, ["nginx", "haproxy", "caddy"], { stdio: "inherit" });
  }
  return products.filter((product) => {
    const reason = product.missing();
    if (reason !== undefined) say(`without ${product.name}: ${reason}`);
    return reason === undefined;
  });
}

/** For all that is started from here, client, balancers and origins alike: first come, first served,
 * before the rest of the machine. A lower nice value would do less: where the kernel groups processes
 * by session, it counts within the session only. */
function raisePriority(): void {
  spawnSync("chrt", ["--all-tasks", "--rr", "--pid", "2", String(process.pid)]);
  // Only root may: without it the report tells of more disturbed runs.
}

function inOrder(cells: readonly Cell[]): Cell[] {
  const place = (cell: Cell): number =>
    allScenarios.findIndex(({ name }) => name === cell.scenario) * allProducts.length +
    allProducts.findIndex(({ id }) => id === cell.product);
  return cells.toSorted((a, b) => place(a) - place(b));
}

function listing(): string {
  const left = (): boolean => false;
  return [
    alignedText(
      ["product", ""],
      allProducts.map(({ id, name }) => [id, name]),
      left,
    ),
    alignedText(
      ["scenario", ""],
      allScenarios.map(({ name, what }) => [name, what]),
      left,
    ),
  ].join("\n\n");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

process.exitCode = await main(process.argv.slice(2));
