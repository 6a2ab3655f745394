/** The files that a bench reads and writes. */
import { accessSync, constants, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import type { BenchResult } from "../load/bench-result.ts";
import { readResult } from "../load/read-result.ts";
import type { Page } from "../report/page.ts";
import { renderPage } from "../report/render-page.ts";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** Where results go; undefined for nowhere. */
export interface OutputFiles {
  readonly json: string | undefined;
  readonly html: string | undefined;
}

/** Throws a `Failure` where a file could not be written afterwards: better now than after the run. */
export function checkOutputs({ json, html }: OutputFiles): void {
  for (const file of [json, html]) {
    if (file === undefined) continue;
    try {
      accessSync(dirname(resolve(file)), constants.W_OK);
    } catch {
      throw new Failure(2, `${file} can't be written: its folder is missing or write-protected`);
    }
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
      throw new Failure(2, `${file} is a folder, not a file`);
    }
  }
}

/** Writes what is wanted, and says so. */
export function writeOutputs(
  { json, html }: OutputFiles,
  result: object,
  page: () => Page,
  terminal: Terminal,
): void {
  if (json !== undefined) write(json, `${JSON.stringify(result, undefined, 2)}\n`);
  if (html !== undefined) write(html, renderPage(page()));
  for (const file of [json, html]) if (file !== undefined) terminal.print(`wrote ${file}`);
}

/** The result of an earlier run. */
export function readEarlier(file: string): BenchResult {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(2, `--compare: ${file} can't be read (${code ?? "unknown"})`);
  }
  const read = readResult(text);
  if (!read.ok) throw new Failure(2, `--compare: ${file}: ${read.problem}`);
  return read.result;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Failure(1, `${file} can't be written: ${(error as Error).message}`);
  }
}
