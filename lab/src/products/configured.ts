/**
 * The life of a balancer that reads a file: a folder, the file, the process, and changes to it.
 */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "../../../test/support/free-port.ts";
import { childrenOf } from "../../../bench/src/measure/process-time.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { RunningProduct, Setup } from "./product.ts";
import { Supervised } from "./supervised.ts";
import { renderTemplate, type TemplateValues } from "./template.ts";

/** Where a configuration lives and listens. */
export interface Place {
  readonly dir: string;
  readonly file: string;
  readonly port: number;
  readonly adminPort: number;
}

/** What differs between the programs. */
export interface Program {
  /** A file of lab/peers. */
  readonly template: string;
  /** Values the template asks for besides `port`, `admin_port`, `dir`, `origins`, `slow_start` and
   * `generation`. */
  values(place: Place): TemplateValues;
  command(place: Place): readonly string[];
  env?(place: Place): Readonly<Record<string, string>>;
  /** Makes the running program read its file again. */
  reload(place: Place, process: Supervised): Promise<void> | void;
}

const READY_WITHIN_MS = 15_000;
/** Answers in a row that make a balancer ready. */
const READY_ANSWERS = 6;
const LOG_CHARACTERS = 2_000;

/** Starts a program and resolves when it answers from its origins; throws with its log if not. */
export async function startConfigured(program: Program, setup: Setup): Promise<RunningProduct> {
  const dir = mkdtempSync(join(tmpdir(), "evenkeel-lab-"));
  // A template that is no valid file of its kind says so in its name.
  const file = join(dir, program.template.replace(/\.template$/, ""));
  const place: Place = { dir, file, port: await freePort(), adminPort: await freePort() };
  writeConfiguration(program, place, setup);
  const supervised = new Supervised({
    command: program.command(place),
    dir,
    env: program.env?.(place) ?? {},
  });
  const running: RunningProduct = {
    port: place.port,
    async reconfigure(next) {
      writeConfiguration(program, place, next);
      await program.reload(place, supervised);
    },
    kill: () => supervised.kill(),
    pids: () => familyOf(supervised.pid),
    log: () => supervised.log,
    async [Symbol.asyncDispose]() {
      await supervised[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    await untilReady(program.template, place.port, supervised);
    return running;
  } catch (error) {
    await running[Symbol.asyncDispose]();
    const log = supervised.log.slice(-LOG_CHARACTERS);
    throw new Error(`${program.template} does not answer: ${log}`, { cause: error });
  }
}

/** The configuration in the words of its program. */
export function renderConfiguration(program: Program, place: Place, setup: Setup): string {
  const template = fileURLToPath(new URL(`../../peers/${program.template}`, import.meta.url));
  return renderTemplate(readFileSync(template, "utf8"), {
    port: place.port,
    admin_port: place.adminPort,
    dir: place.dir,
    origins: setup.origins.map(({ number, port }) => ({
      origin_number: number,
      origin_port: port,
    })),
    slow_start: setup.slowStart,
    generation: setup.generation,
    ...program.values(place),
  });
}

function writeConfiguration(program: Program, place: Place, setup: Setup): void {
  writeFileSync(`${place.file}.next`, renderConfiguration(program, place, setup));
  renameSync(`${place.file}.next`, place.file);
}

/** A process and its children; none when it is gone. */
function familyOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  try {
    return [pid, ...childrenOf(pid)];
  } catch {
    return []; // between its end and its next start
  }
}

async function untilReady(name: string, port: number, supervised: Supervised): Promise<void> {
  let inRow = 0;
  await waitFor(
    `${name} to answer`,
    async () => {
      if (supervised.starts > 1) return true;
      inRow = (await ask(port)).status === 200 ? inRow + 1 : 0;
      return inRow >= READY_ANSWERS;
    },
    { withinMs: READY_WITHIN_MS },
  );
  if (supervised.starts > 1) throw new Error(`${name} ended at start`);
}

/** One request on a connection of its own: its status (0 without an answer) and `X-Generation`. */
export function ask(
  port: number,
): Promise<{ readonly status: number; readonly generation: number | undefined }> {
  return new Promise((resolve) => {
    const request = get(
      { port, host: "127.0.0.1", path: "/work/0", agent: false, timeout: 2_000 },
      (answer) => {
        answer.resume();
        answer.once("error", () => {}); // "close" follows
        answer.once("close", () => {
          const generation = answer.headers["x-generation"];
          resolve({
            status: answer.statusCode ?? 0,
            generation: generation === undefined ? undefined : Number(generation),
          });
        });
      },
    );
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve({ status: 0, generation: undefined }));
  });
}
