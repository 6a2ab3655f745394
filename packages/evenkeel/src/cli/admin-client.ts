/** Talks to a running Evenkeel's admin address. */
import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { Failure } from "./failure.ts";

/** Where the admin address is and what opens it. */
export interface AdminTarget {
  readonly url: string;
  readonly tokenFile: string | undefined;
}

export interface AdminClient {
  get(path: string): Promise<unknown>;
  post(path: string): Promise<unknown>;
  put(path: string, body: unknown): Promise<unknown>;
}

const TIMEOUT_MS = 10_000;

/** A client whose calls throw a `Failure` in plain words. The token is that of the file, else of
 * EVENKEEL_TOKEN, else none. */
export function createAdminClient(
  target: AdminTarget,
  environment: Readonly<Record<string, string | undefined>>,
): AdminClient {
  const base = parseUrl(target.url);
  const token = readToken(target.tokenFile, environment);
  const ask = (method: string, path: string, body?: unknown): Promise<unknown> =>
    exchange({ base, token, method, path, body });
  return {
    get: (path) => ask("GET", path),
    post: (path) => ask("POST", path),
    put: (path, body) => ask("PUT", path, body),
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url?.protocol === "http:") return url;
  throw new Failure(2, `--admin wants a URL such as http://127.0.0.1:9900, not "${text}"`);
}

function readToken(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (file === undefined) return environment["EVENKEEL_TOKEN"];
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(2, `the token file ${file} can't be read (${code ?? "unknown"})`);
  }
}

interface Question {
  readonly base: URL;
  readonly token: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

async function exchange(question: Question): Promise<unknown> {
  const { base, method, path } = question;
  const { status, text } = await send(question);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Failure(
      1,
      `${base.origin}${path} answered ${status}, but not in Evenkeel's words: is it the admin address?`,
    );
  }
  if (status < 300) return answer;
  const message = messageOf(answer) ?? `${method} ${path} answered ${status}`;
  if (status === 401) {
    const advice = "Give it with --token-file or EVENKEEL_TOKEN.";
    if (question.token === undefined) throw new Failure(1, `${message} ${advice}`);
    throw new Failure(1, `the token is not that of ${base.origin}`);
  }
  if (status === 422) return answer;
  throw new Failure(1, message);
}

function send(question: Question): Promise<{ status: number; text: string }> {
  const { base, token, method, path, body } = question;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string> = { connection: "close" };
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  if (payload !== undefined) headers["content-type"] = "application/json";
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const request = httpRequest(new URL(path, base), options, (response) => {
      resolve(collect(response));
    });
    request.once("error", (error: NodeJS.ErrnoException) => reject(unreachable(base, error)));
    request.end(payload);
  });
}

async function collect(response: IncomingMessage): Promise<{ status: number; text: string }> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8") as AsyncIterable<string>) text += chunk;
  return { status: response.statusCode ?? 0, text };
}

function unreachable(base: URL, error: NodeJS.ErrnoException): Failure {
  const where = base.host;
  if (error.code === "ECONNREFUSED") {
    return new Failure(
      1,
      `nothing listens on ${where}: is evenkeel running? Start it with "evenkeel run -c FILE", ` +
        "or name its admin address with --admin URL",
    );
  }
  if (error.name === "AbortError" || error.name === "TimeoutError") {
    return new Failure(1, `${where} did not answer within ${TIMEOUT_MS / 1000} s`);
  }
  return new Failure(1, `${where} can't be reached: ${error.message}`);
}

function messageOf(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return undefined;
  return typeof answer.error === "string" ? answer.error : undefined;
}
