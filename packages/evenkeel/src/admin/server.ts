/** The admin address: metrics, health of Evenkeel itself, status, and the operator's word. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../telemetry/log.ts";
import type { AdminActions } from "./actions.ts";
import { problem, send, type Answer } from "./answer.ts";
import { refuse } from "./guard.ts";
import { operations, type Operation } from "./operations.ts";
import { readJson } from "./read-body.ts";

export interface AdminOptions {
  readonly actions: AdminActions;
  /** What can be asked beside what `actions` is for. */
  readonly more?: () => readonly Operation[];
  readonly log: Log;
  /** Asked at each request, so that a changed token counts at once; undefined asks for none. */
  readonly token: () => string | undefined;
}

export interface AdminServer {
  /** Rejects with the system's error (`EADDRINUSE`, …). */
  listen(host: string, port: number): Promise<AddressInfo>;
  /** Stops listening at once; resolves when the requests under way are answered, `withinMs` at most:
   * what is left then is cut. */
  retire(withinMs: number): Promise<void>;
  /** Stops listening and cuts what is left. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;

/** A server that does not listen yet. */
export function createAdminServer(options: AdminOptions): AdminServer {
  const base = operations(options.actions);
  const table = (): readonly Operation[] => [...base, ...(options.more?.() ?? [])];
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => void serve(request, response, table(), options, server),
  );
  server.maxConnections = MAX_CONNECTIONS;
  return {
    listen: (host, port) => listen(server, host, port),
    retire: (withinMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), withinMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  table: readonly Operation[],
  options: AdminOptions,
  server: Server,
): Promise<void> {
  const isHead = request.method === "HEAD";
  let answer: Answer;
  try {
    answer = await decide(request, table, options);
  } catch (error) {
    options.log.error({ error }, "the admin address failed");
    answer = problem(500, "Something went wrong; see the log.");
  }
  // A body that nobody read would be taken for the next request; a server that retires takes none.
  if (!request.complete || !server.listening) response.setHeader("connection", "close");
  send(response, answer, isHead);
}

async function decide(
  request: IncomingMessage,
  table: readonly Operation[],
  { token, log }: AdminOptions,
): Promise<Answer> {
  const [path = "", search = ""] = (request.url ?? "").split("?", 2);
  const { host, origin, authorization } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const secFetchSite = typeof site === "string" ? site : undefined;
  const refusal = refuse({ path, host, origin, secFetchSite, authorization }, token());
  if (refusal) return withChallenge(problem(refusal.status, refusal.message));
  const found = find(table, path, request.method === "HEAD" ? "GET" : request.method);
  if ("status" in found) return found;
  const body =
    found.operation.method === "GET"
      ? undefined
      : await readJson(request, found.operation.bodyBytes);
  if (body && !body.ok) return problem(body.status, body.message);
  const query = new URLSearchParams(search);
  const { operation, parameters } = found;
  const { method, socket } = request;
  const from = socket.remoteAddress;
  const answer = await operation.run({ parameters, body: body?.value, query });
  if (operation.changes) {
    const said = operation.audited?.(body?.value);
    const { status } = answer;
    log.info({ audit: true, method, path, ...said, from, status }, "the operator acted");
  }
  return answer;
}

function withChallenge(answer: Answer): Answer {
  if (answer.status !== 401) return answer;
  return { ...answer, headers: { "www-authenticate": 'Bearer realm="evenkeel"' } };
}

function find(
  table: readonly Operation[],
  path: string,
  method: string | undefined,
): { operation: Operation; parameters: readonly string[] } | Answer {
  const allowed: string[] = [];
  for (const operation of table) {
    const parameters = parametersOf(operation.path, path);
    if (!parameters) continue;
    if (operation.method === method) return { operation, parameters };
    allowed.push(operation.method === "GET" ? "GET, HEAD" : operation.method);
  }
  if (allowed.length === 0) return problem(404, `There is nothing at ${path}.`);
  const allow = allowed.join(", ");
  return { ...problem(405, `Use ${allow} here.`), headers: { allow } };
}

/** The decoded segments that `*` stands for; undefined where the path does not fit. */
function parametersOf(pattern: string, path: string): string[] | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: string[] = [];
  for (const [index, segment] of given.entries()) {
    if (wanted[index] === "*") {
      const decoded = decode(segment);
      if (decoded === undefined) return undefined;
      parameters.push(decoded);
    } else if (wanted[index] !== segment) return undefined;
  }
  return parameters;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // A stray percent sign names nothing.
  }
}
