/** From the words of the command line to what the generator needs, or to what is wrong with them. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

import { parseDuration } from "../lib/duration.ts";
import { type ExpectedStatuses, parseExpected, usualStatuses } from "../load/expected-statuses.ts";
import type { RequestOptions } from "../load/load-request.ts";
import type { BenchPlan } from "../load/run-plan.ts";
import { parseSlo, type Slo } from "../load/slo.ts";
import { parseGrowth, planSteps } from "../load/step-plan.ts";
import { Failure } from "./failure.ts";

/** The load options as commander gives them. */
export interface LoadWords {
  readonly rate?: string;
  readonly connections?: string;
  readonly from?: string;
  readonly to?: string;
  readonly step?: string;
  readonly closed: boolean;
  readonly hold: string;
  readonly warmUp: string;
  readonly settle?: string;
  readonly slo?: string;
  readonly beyond: string;
  readonly bisect?: string | true;
  readonly maxConnections?: string;
  readonly maxQueue?: string;
  readonly threads?: string;
  readonly precise: boolean;
  readonly method?: string;
  readonly header: readonly string[];
  readonly body?: string;
  readonly bodyFile?: string;
  readonly host?: string;
  readonly sni?: string;
  readonly insecure: boolean;
  readonly keepAlive: boolean;
  readonly timeout: string;
  readonly expect?: string;
  readonly json?: string;
  readonly html?: string;
}

export interface BenchWords extends LoadWords {
  readonly compare?: string;
}

/** A command line that makes sense. */
export interface BenchOptions {
  readonly plan: BenchPlan;
  readonly threads: number;
  readonly timeoutMs: number;
  readonly expected: ExpectedStatuses;
  readonly insecure: boolean;
  /** Undefined leaves it to the `Host` header. */
  readonly serverName: string | undefined;
  readonly request: Omit<RequestOptions, "url">;
}

const mostConnections = 100_000;
const usualConnections = 1_000;
const mostRate = 10_000_000;
const mostThreads = 64;
const usualBisections = 4;
const longestTimeoutMs = 30 * 60_000;

/** Reads the load options; throws a `Failure` that names the option. `fitting` is how many connections
 * the machine allows: where no number is said, no more are used. */
export function readBenchOptions(words: LoadWords, fitting = Infinity): BenchOptions {
  const timeoutMs = durationOf("--timeout", words.timeout, 1);
  if (timeoutMs > longestTimeoutMs) throw bad("--timeout may be 30m at most");
  const { mode, loads } = readLoads(words);
  const maxConnections =
    words.maxConnections === undefined
      ? Math.min(usualConnections, fitting)
      : wholeOf("--max-connections", words.maxConnections, 1, mostConnections);
  const most = mode === "open" ? maxConnections : Math.min(...loads);
  const threads =
    words.threads === undefined
      ? Math.max(1, Math.min(8, Math.floor(availableParallelism() / 2), most))
      : wholeOf("--threads", words.threads, 1, mostThreads);
  if (threads > most)
    throw bad(`--threads ${threads} is more than there are connections (${most})`);
  const warmUpMs = durationOf("--warm-up", words.warmUp, 0);
  const queue =
    words.maxQueue === undefined ? undefined : wholeOf("--max-queue", words.maxQueue, 0, 1e9);
  return {
    plan: {
      mode,
      loads,
      warmUpMs,
      settleMs: words.settle === undefined ? warmUpMs / 5 : durationOf("--settle", words.settle, 0),
      holdMs: durationOf("--hold", words.hold, 100),
      maxConnections,
      // Whatever comes due within the timeout: what waits longer is dropped by its age.
      maxQueue: (load) => queue ?? Math.ceil((load * timeoutMs) / 1_000),
      slo: readSlo(words.slo ?? ""),
      beyond: wholeOf("--beyond", words.beyond, 0, 1_000),
      bisections: readBisections(words.bisect),
      polling: words.precise,
    },
    threads,
    timeoutMs,
    expected: readExpected(words.expect),
    insecure: words.insecure,
    serverName: words.sni,
    request: readRequest(words),
  };
}

/** A URL that can be loaded. */
export function readUrl(text: string | undefined): URL {
  if (text === undefined) {
    throw bad('say what to load, such as "evenkeel bench http://127.0.0.1:8080/ --rate 100"');
  }
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (!url || !["http:", "https:"].includes(url.protocol) || url.hostname === "") {
    throw bad(`a URL such as http://127.0.0.1:8080/ is wanted, not "${text}"`);
  }
  if (url.username !== "" || url.password !== "") {
    throw bad('a URL with a password ends up in reports: use --header "Authorization: …"');
  }
  return url;
}

function readLoads(words: LoadWords): { mode: "open" | "closed"; loads: number[] } {
  const { rate, connections, from, to, step } = words;
  const ways = [rate, connections, from ?? to].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    throw bad(
      `say how much load with ${ways > 1 ? "only " : ""}one of: --rate N (requests per second), ` +
        "--from N --to N (steps of it), --connections N (as fast as answers come)",
    );
  }
  if (rate !== undefined) {
    refuse(words.closed, "--closed goes with --from and --to; --connections N is one closed step");
    return { mode: "open", loads: [numberOf("--rate", rate, mostRate)] };
  }
  if (connections !== undefined) {
    return { mode: "closed", loads: [wholeOf("--connections", connections, 1, mostConnections)] };
  }
  if (from === undefined || to === undefined) throw bad("--from and --to go together");
  const read = (name: string, text: string): number =>
    words.closed ? wholeOf(name, text, 1, mostConnections) : numberOf(name, text, mostRate);
  const [first, last] = [read("--from", from), read("--to", to)];
  if (first > last) throw bad(`--from ${from} is above --to ${to}`);
  return {
    mode: words.closed ? "closed" : "open",
    loads: stepsOf(first, last, step, words.closed),
  };
}

function stepsOf(first: number, last: number, step: string | undefined, whole: boolean): number[] {
  const tenth = whole ? Math.max(1, Math.round(last / 10)) : last / 10;
  const growth = step === undefined ? ({ kind: "add", by: tenth } as const) : parseGrowth(step);
  if (!growth || (whole && growth.kind === "add" && !Number.isInteger(growth.by))) {
    throw bad(`--step wants a distance such as 500 or a factor such as x1.5, not "${step}"`);
  }
  const loads = planSteps(first, last, growth);
  if (!loads) throw bad("that would be more than 1,000 steps, or steps that don't grow");
  return loads;
}

function readSlo(text: string): Slo {
  const parsed = parseSlo(text);
  if (parsed.ok) return parsed.slo;
  throw new Failure(2, `--slo: ${parsed.message}`, `  ${text}\n  ${" ".repeat(parsed.at)}^`);
}

function readBisections(words: string | true | undefined): number {
  if (words === undefined) return 0;
  return words === true ? usualBisections : wholeOf("--bisect", words, 1, 20);
}

function readExpected(text: string | undefined): ExpectedStatuses {
  if (text === undefined) return usualStatuses;
  const expected = parseExpected(text);
  if (expected) return expected;
  throw bad(`--expect wants statuses such as "200,404", "2xx" or "200-399", not "${text}"`);
}

function readRequest(words: LoadWords): Omit<RequestOptions, "url"> {
  const { bodyFile, host } = words;
  if (words.body !== undefined && bodyFile !== undefined) {
    throw bad("--body and --body-file are two bodies: give one");
  }
  const body = bodyFile === undefined ? textBody(words.body) : readBody(bodyFile);
  const headers = words.header.map(readHeader);
  if (host !== undefined) headers.push(readHeader(`Host: ${host}`));
  const method = words.method ?? (body === undefined ? "GET" : "POST");
  if (!/^[A-Za-z]+$/.test(method)) throw bad(`--method wants a name such as GET, not "${method}"`);
  const upper = method.toUpperCase();
  refuse(upper === "CONNECT", "--method CONNECT asks for a tunnel, which can't be loaded");
  return { method: upper, headers, body, keepAlive: words.keepAlive };
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(0, colon)).trim();
  const value = line.slice(colon + 1).trim();
  const isSound =
    /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
  if (!isSound) throw bad(`--header wants a line such as "X-Key: 1", not ${JSON.stringify(line)}`);
  if (/^(content-length|transfer-encoding|connection)$/i.test(name)) {
    throw bad(`${name} is written by the generator itself`);
  }
  return [name, value];
}

const textBody = (text: string | undefined): Uint8Array | undefined =>
  text === undefined ? undefined : Buffer.from(text);

function readBody(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw bad(`the body file ${file} can't be read (${code ?? "unknown"})`);
  }
}

function durationOf(name: string, text: string, leastMs: number): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw bad(`${name} wants a duration such as 20s or 1m30s, not "${text}"`);
  if (ms < leastMs) throw bad(`${name} must be at least ${leastMs}ms, not "${text}"`);
  return ms;
}

function wholeOf(name: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw bad(
    `${name} wants a whole number from ${least} to ${most.toLocaleString("en")}, not "${text}"`,
  );
}

function numberOf(name: string, text: string, most: number): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (number > 0 && number <= most) return number;
  throw bad(`${name} wants a number above 0, up to ${most.toLocaleString("en")}, not "${text}"`);
}

function refuse(condition: boolean, message: string): void {
  if (condition) throw bad(message);
}

const bad = (message: string): Failure => new Failure(2, message);
