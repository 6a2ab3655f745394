/** The access log: entries formatted at once, lines written in batches. */
import type { AccessLogSnapshot } from "../../snapshot/snapshot.ts";
import { createCombinedFormat } from "./combined-line.ts";
import type { AccessLog } from "./contract.ts";
import { createJsonFormat } from "./json-line.ts";
import { createLineWriter, type LineWriterOptions } from "./line-writer.ts";

/** Opens the log that the settings ask for. Nothing that goes wrong with it is thrown: `onProblem`
 * is told, of what lasts once a minute, and lines that can't be written are dropped and counted. */
export function createAccessLog(
  settings: AccessLogSnapshot,
  onProblem: (message: string) => void,
  options: Partial<LineWriterOptions> = {},
): AccessLog {
  const format =
    settings.format === "json" ? createJsonFormat(settings.serviceName) : createCombinedFormat();
  return createLineWriter(settings.path, format, onProblem, options);
}
