/**
 * The Node binary that the repository pins.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The running Node where it is new enough, otherwise the one installed with the dependencies. It is
 * the binary itself, not a launcher, so that a child's pid is Node's. */
export function pinnedNode(): string {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  const pinned = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));
  if (!existsSync(pinned)) throw new Error(`${pinned} is missing: run npm ci first`);
  return pinned;
}
