/** Which Evenkeel this is. */
import { readFileSync } from "node:fs";

/** The version in the package's own package.json, which lies two folders up in the checkout and in
 * the published package alike. */
export function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
