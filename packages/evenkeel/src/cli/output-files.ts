/** The files that commands write their results to. */
import { accessSync, constants, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

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
  if (json !== undefined) writeOutput(json, `${JSON.stringify(result, undefined, 2)}\n`);
  if (html !== undefined) writeOutput(html, renderPage(page()));
  for (const file of [json, html]) if (file !== undefined) terminal.print(`wrote ${file}`);
}

/** Writes one file; a `Failure` where that does not work. */
export function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Failure(1, `${file} can't be written: ${(error as Error).message}`);
  }
}
