/** An access log that could not be written now. */
import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { Source } from "../source/source.ts";

/** Traffic does not wait for a log, so that it is no reason to refuse: rights and folders may come
 * later. Asked as the user who asks. */
export function warnOfAccessLog({ access_log: log }: Config, source: Source): Problem[] {
  if (log === undefined || log.path === "stdout") return [];
  const path = ["access_log", "path"];
  if (log.path.endsWith("/off")) {
    return [source.problemAt(path, 'is a file named "off"', { hint: "write access_log: off" })];
  }
  const folder = dirname(log.path);
  if (!existsSync(folder)) return [source.problemAt(path, `there is no folder ${folder}`)];
  const target = existsSync(log.path) ? log.path : folder;
  if (isWritable(target)) return [];
  return [source.problemAt(path, `can't be written: no permission for ${target}`)];
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    // That it can't be accessed is the answer.
    return false;
  }
}
