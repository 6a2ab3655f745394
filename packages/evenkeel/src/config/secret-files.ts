/** Secrets that stand in files of their own. */
import { resolve } from "node:path";
import type { Problem } from "./problem.ts";
import type { RootConfig } from "./schema/root.ts";
import type { Path, Source } from "./source/source.ts";

/** Reads a whole text file; throws where it can't. */
export type ReadText = (file: string) => string;

/** The admin token and the sticky secret, from wherever they are written. Files are relative to
 * `folder`; white space around a file's text does not count. */
export function readSecrets(
  written: RootConfig,
  folder: string,
  readText: ReadText,
  source: Source,
): {
  readonly token: string | undefined;
  readonly stickySecret: string | undefined;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];

  function secret(value: string | undefined, file: string | undefined, path: Path) {
    if (file === undefined) return value;
    if (value !== undefined) {
      const key = String(path.at(-1)).replace(/_file$/, "");
      problems.push(source.problemAt(path, `can't be written together with ${key}`));
      return value;
    }
    let text: string;
    try {
      text = readText(resolve(folder, file)).trim();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
      problems.push(
        source.problemAt(path, `names a file that can't be read${code}`, { showGot: true }),
      );
      return undefined;
    }
    if (text === "")
      problems.push(source.problemAt(path, "names an empty file", { showGot: true }));
    return text;
  }

  const { admin } = written;
  const token = secret(admin.token, admin.token_file, ["admin", "token_file"]);
  const stickySecret = secret(written.sticky_secret, written.sticky_secret_file, [
    "sticky_secret_file",
  ]);
  return { token, stickySecret, problems };
}
