/** From a file to a sound configuration, or to everything that is wrong with it. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { capacity } from "../board/board.ts";
import { checkRules } from "./checks/rules.ts";
import { defaultConnections, readFileLimit } from "../lib/open-files.ts";
import type { Config } from "./config.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { diagnose } from "./diagnose.ts";
import type { Environment } from "./interpolate.ts";
import { type Problem, sortProblems } from "./problem.ts";
import { nameRoutes } from "./route-names.ts";
import { salvage } from "./salvage.ts";
import { root, type RootConfig } from "./schema/root.ts";
import { type ReadText, readSecrets } from "./secret-files.ts";
import { writtenAt } from "./source/is-written.ts";
import { readSource, type Source } from "./source/source.ts";
import { warnings } from "./warnings/warnings.ts";

/** What a load depends on besides the text. */
export interface LoadOptions {
  /** Fills in `${NAME}`. Default: the process's own. */
  readonly environment?: Environment;
  /** Reads the file and those it names. Throws as `readFileSync` does. */
  readonly readText?: ReadText;
  /** What `workers: auto` means. Default: one per core. */
  readonly cores?: number;
  /** How many files the process may have open. Default: asks the system. */
  readonly fileLimit?: number;
}

export type LoadResult =
  | {
      readonly ok: true;
      readonly config: Config;
      /** Looked for when first asked for. */
      readonly warnings: readonly Problem[];
    }
  /** In the order of the file. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads and checks a file. Never throws: an unreadable file is a problem like any other. */
export function loadConfig(file: string, options: LoadOptions = {}): LoadResult {
  const readText = options.readText ?? readUtf8;
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    return { ok: false, problems: [unreadable(file, error)] };
  }
  return parseConfig(file, text, options);
}

/** Checks a text that is already there; `file` names it in messages, and its folder is where
 * relative paths in it start. */
export function parseConfig(file: string, text: string, options: LoadOptions = {}): LoadResult {
  const source = readSource(file, text, options.environment ?? process.env);
  if (source.value === undefined) return { ok: false, problems: sortProblems(source.problems) };
  const parsed = root.safeParse(source.value);
  if (!parsed.success || source.problems.length > 0) {
    const issues = (parsed.error?.issues ?? []).filter((issue) => !followsFromGap(issue, source));
    const found = [...diagnose(issues, source), ...checkSalvaged(source, issues)];
    return { ok: false, problems: sortProblems([...source.problems, ...found]) };
  }
  return settle(file, parsed.data, source, options);
}

/** What is missing because its value is not known is not told as missing. Of a key that is written
 * twice the first value is known. */
function followsFromGap(issue: z.core.$ZodIssue, source: Source): boolean {
  if (issue.code === "unrecognized_keys") return false;
  return source.gaps.some(
    (gap) =>
      issue.path.every((step, at) => step === gap[at]) && writtenAt(source, gap) === undefined,
  );
}

/** Rules over several keys hold for what is left when the broken keys are put aside, so that one
 * run tells everything. What a broken key may have caused is not told. */
function checkSalvaged(source: Source, issues: readonly z.core.$ZodIssue[]): Problem[] {
  const salvaged = salvage(source.value, issues, source.gaps);
  if (!salvaged) return [];
  const doubtful = new Set<Problem>();
  const problems = checkRules(salvaged.config, {
    ...source,
    problemAt(path, rule, more) {
      const problem = source.problemAt(path, rule, more);
      if (!more?.certain && salvaged.isBroken(path)) doubtful.add(problem);
      return problem;
    },
  });
  return problems.filter((problem) => !doubtful.has(problem));
}

/** What one key alone can't tell: rules over several, and files. */
function settle(
  file: string,
  written: RootConfig,
  source: Source,
  options: LoadOptions,
): LoadResult {
  const folder = dirname(resolve(file));
  const secrets = readSecrets(written, folder, options.readText ?? readUtf8, source);
  const problems = [...checkRules(written, source), ...secrets.problems];
  if (problems.length > 0) return { ok: false, problems: sortProblems(problems) };
  const { admin, sticky_secret: _, sticky_secret_file: __, access_log: log, ...rest } = written;
  const cores = options.cores ?? availableParallelism();
  const connections = defaultConnections(options.fileLimit ?? readFileLimit());
  const config = deepFreeze<Config>({
    ...rest,
    listeners: boundListeners(rest.listeners, connections),
    admin: { host: admin.bind.host, port: admin.bind.port, token: secrets.token },
    folder,
    state_dir: resolve(folder, rest.state_dir),
    workers: rest.workers === "auto" ? Math.min(cores, capacity.workers) : rest.workers,
    access_log: log && log.path !== "stdout" ? { ...log, path: resolve(folder, log.path) } : log,
    sticky_secret: secrets.stickySecret,
    receiverSecrets: secrets.receivers,
    routeNames: nameRoutes(rest.routes),
  });
  let found: readonly Problem[] | undefined;
  return {
    ok: true,
    config,
    get warnings() {
      return (found ??= sortProblems(warnings(config, source)));
    },
  };
}

function boundListeners(
  written: RootConfig["listeners"],
  max_connections: number,
): Config["listeners"] {
  return Object.fromEntries(
    Object.entries(written).map(([name, listener]) => [
      name,
      { ...listener, max_connections: listener.max_connections ?? max_connections },
    ]),
  );
}

function readUtf8(file: string): string {
  return readFileSync(file, "utf8");
}

function unreadable(file: string, error: unknown): Problem {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "the file can't be read: permission denied",
    EISDIR: "this is a folder, not a file",
  };
  const rule = reasons[code] ?? `the file can't be read${code && ` (${code})`}`;
  const nowhere = { line: 0, column: 0, path: "", got: undefined, hint: undefined };
  return { file, rule, ...nowhere, excerpt: undefined };
}
