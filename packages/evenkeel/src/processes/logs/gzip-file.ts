/** Compresses a file in place: `NAME` becomes `NAME.gz`. */
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, utimes, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** The original stays until the whole result is there, and on any failure. The result has its times. */
export async function gzipFile(path: string): Promise<void> {
  const staged = `${path}.gz.next`;
  try {
    const { atime, mtime } = await stat(path);
    await pipeline(
      createReadStream(path),
      createGzip(),
      createWriteStream(staged, { mode: 0o640 }),
    );
    await utimes(staged, atime, mtime);
    await rename(staged, `${path}.gz`);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  await rm(path, { force: true });
}
