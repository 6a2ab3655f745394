/** Why a program could not be started, in words for who wrote the configuration. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import type { LaunchOrder } from "../contract.ts";
import { explainError } from "../explain-error.ts";

/** What the system searches where the child has no PATH. */
const DEFAULT_PATH = "/bin:/usr/bin";

/** One plain sentence. */
export function explainFailure(order: LaunchOrder, error: NodeJS.ErrnoException): string {
  const program = order.command[0] ?? "";
  const cwdProblem = problemOfFolder(order.cwd);
  if (cwdProblem !== undefined) return cwdProblem;
  if (error.syscall === "open" || error.syscall === "mkdir") {
    return `its file ${error.path ?? ""} can't be opened: ${explainError(error)}`;
  }
  switch (error.code) {
    case "ENOENT":
      return missing(order, program);
    case "EACCES":
      return `${program} may not be executed${asUser(order)}: no permission`;
    case "EPERM":
      return `it can't be started${asUser(order)}: Evenkeel itself is not allowed to (only root may change users)`;
    case "EAGAIN":
      return "the system allows no further process (limit of processes)";
    case undefined:
    default:
      return `${program} can't be started: ${explainError(error)}`;
  }
}

/** Looks for the program as the system will. Throws with the code ENOENT or EACCES where it finds
 * none: for when a shell stands between, which would tell of it only by its exit code. */
export function findProgram(order: LaunchOrder): string {
  let code = "ENOENT";
  for (const path of candidates(order)) {
    try {
      if (!statSync(path).isFile()) continue;
      code = "EACCES";
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue; // The next one may do.
    }
  }
  throw Object.assign(new Error(`${code}: ${order.command[0] ?? ""}`), { code });
}

function candidates({ command, cwd, env }: LaunchOrder): string[] {
  const program = command[0] ?? "";
  if (program === "") return [];
  if (program.includes("/")) return [resolve(cwd, program)];
  const folders = (env["PATH"] ?? DEFAULT_PATH).split(delimiter);
  return folders.map((folder) => join(isAbsolute(folder) ? folder : resolve(cwd, folder), program));
}

function missing(order: LaunchOrder, program: string): string {
  const found = candidates(order).find((path) =>
    statSync(path, { throwIfNoEntry: false })?.isFile(),
  );
  if (found !== undefined) {
    return `${found} is there, but the interpreter named in its first line is not`;
  }
  if (program.includes("/")) return `there is no program ${resolve(order.cwd, program)}`;
  return `there is no program ${program} in PATH (${order.env["PATH"] ?? DEFAULT_PATH})`;
}

function problemOfFolder(cwd: string): string | undefined {
  try {
    if (!statSync(cwd).isDirectory()) return `its cwd ${cwd} is not a folder`;
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return `its cwd ${cwd} does not exist`;
    return `its cwd ${cwd} can't be entered: ${explainError(error)}`;
  }
}

function asUser({ user }: LaunchOrder): string {
  return user ? ` as user ${user.uid} and group ${user.gid}` : "";
}
