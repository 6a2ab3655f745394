/** The files a log was rotated into: `NAME.1` is the newest, `.gz` where it was compressed. */
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

interface RotatedFile {
  readonly path: string;
  /** From 1. */
  readonly age: number;
  readonly gzip: boolean;
}

/** All there are, youngest first; none where the folder is not there. */
export async function rotatedFiles(path: string): Promise<RotatedFile[]> {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  const names = await readdir(folder).catch(() => []); // Not made yet.
  const found = names.flatMap((name) => {
    const match = name.startsWith(start)
      ? /^([1-9]\d{0,8})(\.gz)?$/.exec(name.slice(start.length))
      : null;
    return match
      ? [{ path: join(folder, name), age: Number(match[1]), gzip: match[2] !== undefined }]
      : [];
  });
  return found.sort((a, b) => a.age - b.age);
}

/** Makes room for a new `.1`: all before the first gap grow older by one, and those beyond `keep` are
 * removed. So doing it again after a failure does no harm. */
export async function makeRoom(path: string, keep: number): Promise<void> {
  const files = await rotatedFiles(path);
  const ages = new Set(files.map(({ age }) => age));
  let gap = 1;
  while (ages.has(gap)) gap++;
  for (const { age, gzip, path: file } of files.reverse()) {
    if (age > keep || (age === keep && gap > keep)) await rm(file, { force: true });
    else if (age < gap) await rename(file, `${path}.${age + 1}${gzip ? ".gz" : ""}`);
  }
}
