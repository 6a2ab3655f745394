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
  /** `patienceMs`: how long the answer may take; 10 s unless given. */
  post(path: string, body?: unknown, patienceMs?: number): Promise<unknown>;
  put(path: string, body: unknown, patienceMs?: number): Promise<unknown>;
  /** Hands out an answer of text as it comes; resolves when it ends, rejects where it is cut. */
  read(path: string, piece: (text: string) => void): Promise<void>;
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
  const question = (method: string, path: string, body?: unknown, patienceMs = TIMEOUT_MS) => ({
    base,
    token,
    method,
    path,
    body,
    patienceMs,
  });
  return {
    get: (path) => exchange(question("GET", path)),
    post: (path, body, patienceMs) => exchange(question("POST", path, body, patienceMs)),
    put: (path, body, patienceMs) => exchange(question("PUT", path, body, patienceMs)),
    read: (path, piece) => readOn(question("GET", path), piece),
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
  /** Until the answer's head. */
  readonly patienceMs: number;
}

async function exchange(question: Question): Promise<unknown> {
  return judge(question, await collect(question, await send(question)));
}

async function readOn(question: Question, piece: (text: string) => void): Promise<void> {
  const response = await send(question);
  if (response.statusCode !== 200) {
    judge(question, await collect(question, response));
    return;
  }
  try {
    for await (const text of response.setEncoding("utf8") as AsyncIterable<string>) piece(text);
  } catch {
    throw new Failure(1, `${question.base.host} ended before its answer did`);
  }
}

/** What was answered, or a `Failure`. */
function judge(
  question: Question,
  { status, text }: { readonly status: number; readonly text: string },
): unknown {
  const { base, method, path } = question;
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

function send(question: Question): Promise<IncomingMessage> {
  const { base, token, method, path, body, patienceMs } = question;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string> = { connection: "close" };
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  if (payload !== undefined) headers["content-type"] = "application/json";
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, base), { method, headers, agent: false });
    const timer = setTimeout(() => {
      request.destroy();
      reject(new Failure(1, `${base.host} did not answer within ${patienceMs / 1000} s`));
    }, patienceMs);
    request.once("response", (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    request.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(unreachable(base, error));
    });
    request.end(payload);
  });
}

/** The whole body; it takes no longer than the head may. */
async function collect(
  { base, patienceMs }: Question,
  response: IncomingMessage,
): Promise<{ status: number; text: string }> {
  const timer = setTimeout(() => response.destroy(), patienceMs);
  let text = "";
  try {
    for await (const chunk of response.setEncoding("utf8") as AsyncIterable<string>) text += chunk;
  } catch {
    throw new Failure(1, `${base.host} ended before its answer did`);
  } finally {
    clearTimeout(timer);
  }
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
  return new Failure(1, `${where} can't be reached: ${error.message}`);
}

function messageOf(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return undefined;
  return typeof answer.error === "string" ? answer.error : undefined;
}
