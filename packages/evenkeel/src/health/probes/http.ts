/** A check that sends one HTTP/1.1 request on a connection of its own. */
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { ProbeSettings } from "../../snapshot/desired.ts";
import { finishWithError } from "./connection-error.ts";
import { type Finish, withDeadline } from "./deadline.ts";
import type { Probe, ProbeRequest } from "./probe.ts";
import { createTextSearch } from "./text-search.ts";

/** The part of a body in which the expected text must occur. */
export const BODY_LIMIT_BYTES = 256 * 1024;

type HttpSettings = Extract<ProbeSettings, { protocol: "http" }>;

/** Passes when the status is among the expected ones and the expected text occurs in the body. A
 * redirect is an answer like any other and is not followed. */
export const httpProbe: Probe<HttpSettings> = (asked, signal) =>
  withDeadline(asked.timeoutMs, signal, (finish) => {
    const sent = send(asked);
    sent.on("error", (error) => finishWithError(finish, error));
    sent.on("response", (response) => {
      response.on("error", (error) => finishWithError(finish, error));
      judge(asked.settings, response, finish);
    });
    sent.end();
    return () => {
      sent.destroy();
    };
  });

function send({ settings, host, port }: ProbeRequest<HttpSettings>): ClientRequest {
  return request({
    agent: false,
    host,
    port,
    method: settings.method,
    path: settings.path,
    setHost: false,
    headers: headersOf(settings, host, port),
  });
}

/** A flat list of names and values: what is configured goes out as it is written. */
function headersOf(settings: HttpSettings, host: string, port: number): string[] {
  const headers = ["Host", settings.host ?? authority(host, port)];
  const given = new Set(settings.headers.map(([name]) => name.toLowerCase()));
  if (!given.has("user-agent")) headers.push("User-Agent", "evenkeel-health-check");
  if (!given.has("accept")) headers.push("Accept", "*/*");
  if (settings.method === "POST" && !given.has("content-length"))
    headers.push("Content-Length", "0");
  for (const [name, value] of settings.headers) {
    if (name.toLowerCase() !== "host") headers.push(name, value);
  }
  if (!given.has("connection")) headers.push("Connection", "close");
  return headers;
}

function authority(host: string, port: number): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === 80 ? name : `${name}:${port}`;
}

function judge(settings: HttpSettings, response: IncomingMessage, finish: Finish): void {
  const status = response.statusCode ?? 0;
  const answered = `${settings.method} ${settings.path} answered ${status}`;
  const { expectedStatuses, expectedBody } = settings;
  if (!expectedStatuses.some(([from, to]) => status >= from && status <= to)) {
    finish("failed", `${answered}, expected ${ranges(expectedStatuses)}`);
  } else if (expectedBody === undefined) {
    finish("passed", answered);
  } else {
    judgeBody(expectedBody, answered, response, finish);
  }
}

function judgeBody(
  expected: string,
  answered: string,
  response: IncomingMessage,
  finish: Finish,
): void {
  const search = createTextSearch(expected, BODY_LIMIT_BYTES);
  const lacking = (): void => finish("failed", `${answered}, but without the expected text`);
  response.on("data", (piece: Buffer) => {
    const state = search.push(piece);
    if (state === "found") finish("passed", `${answered} with the expected text`);
    if (state === "exhausted") lacking();
  });
  response.on("end", lacking);
}

function ranges(statuses: HttpSettings["expectedStatuses"]): string {
  return statuses.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
