/**
 * What an nginx needs to live in a folder of its own instead of the system's.
 */
import { chmodSync } from "node:fs";

/** Directives that keep every temporary file inside `dir`. */
export function nginxTempPaths(dir: string): string {
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${dir}/${kind};`)
    .join("\n  ");
}

/** The `user` directive where nginx runs as root (its worker then needs to enter the folder). */
export function nginxUser(dir: string): string {
  if (process.getuid?.() !== 0) return "";
  chmodSync(dir, 0o755);
  return "user nobody nogroup;";
}
