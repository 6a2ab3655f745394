/** What a failed connection means, in plain words. */
import type { Finish } from "./deadline.ts";

const words: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  EHOSTUNREACH: "the endpoint cannot be reached (no route)",
  ENETUNREACH: "the endpoint cannot be reached (no route)",
  EHOSTDOWN: "the endpoint cannot be reached (down)",
  ETIMEDOUT: "connecting timed out",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name could not be looked up now",
  EACCES: "not permitted to connect",
};

/** Our own shortages: they say nothing about the endpoint. */
const ours: Record<string, string> = {
  EMFILE: "this process is out of file descriptors",
  ENFILE: "this machine is out of file descriptors",
  ENOMEM: "this machine is out of memory",
  ENOBUFS: "this machine is out of network buffers",
  EADDRNOTAVAIL: "this machine is out of local ports",
  EAGAIN: "this machine is out of processes",
};

/** Finishes a probe whose connection or process failed. Several addresses that all failed arrive as
 * one error whose parts have the codes. */
export function finishWithError(finish: Finish, error: Error): void {
  const code = codeOf(error);
  const own = ours[code];
  if (own !== undefined) finish("unknown", `not checked: ${own}`);
  else if (code.startsWith("HPE_")) finish("failed", "its answer is not valid HTTP");
  else finish("failed", words[code] ?? (error.message || code || "the connection failed"));
}

/** The system's error code; empty where there is none. */
export function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string") return code;
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return first instanceof Error ? codeOf(first) : "";
}
