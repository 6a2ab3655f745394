/** The log: one JSON object a line, the same fields from every thread. */
import { pino, type DestinationStream, type Logger } from "pino";
import { createPatientOutput } from "./patient-output.ts";

/** What every thread writes its log with: pino's own interface, and the name in every line. */
export type Log = Logger & { serviceName: string };

/** What a configuration says about the log. */
export interface LogSettings {
  readonly level: string;
  /** `service_name` in every line. */
  readonly serviceName: string;
}

export interface LogOptions {
  /** "debug", "info", "warn" or "error"; anything else is taken for "info". */
  readonly level: string;
  /** Who writes: "host", "control", "proxy-0", … */
  readonly thread: string;
  /** Where the lines go; the process's standard output unless given. */
  readonly destination?: DestinationStream;
}

const levels: readonly string[] = ["debug", "info", "warn", "error"];

/** Keys whose values never reach a log, at the top and one level down. */
const secrets = ["token", "authorization", "cookie", "password", "secret", "stickySecret"];

/** A log of one thread. Lines are written before the call returns, so that the last words of a
 * dying thread are not lost, unless nobody reads standard output: then they wait, and the thread does
 * not. Values under names of secrets are blanked. */
export function createLog(options: LogOptions): Log {
  const level = levels.includes(options.level) ? options.level : "info";
  const logger = pino(
    {
      level,
      messageKey: "message",
      errorKey: "error",
      base: null,
      // Asked for every line, since the name may change while the log is in use.
      mixin: () => ({ service_name: log.serviceName, thread: options.thread }),
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secrets.flatMap((key) => [key, `*.${key}`]), censor: "(secret)" },
    },
    options.destination ??
      createPatientOutput((lines) => lostLine(log.serviceName, options.thread, lines)),
  );
  const log: Log = Object.assign(logger, { serviceName: "evenkeel" });
  return log;
}

/** Takes a configuration's word from the next line on. */
export function adjustLog(log: Log, { level, serviceName }: LogSettings): void {
  log.level = level;
  log.serviceName = serviceName;
}

function lostLine(service_name: string, thread: string, lines: number): string {
  const message = `nobody read this log for a while: ${lines} lines were dropped`;
  const timestamp = new Date().toISOString();
  return `${JSON.stringify({ level: "warn", timestamp, service_name, thread, message })}\n`;
}
