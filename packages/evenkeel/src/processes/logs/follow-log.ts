/** A log as it grows, over rotations. */
import { createReadStream } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { createGunzip } from "node:zlib";

const BLOCK_BYTES = 64 * 1024;
/** Looks at the file this often while nothing comes. */
const LOOK_MS = 100;
/** By so many bytes before the position the file is known again. */
const MARK_BYTES = 64;

/** What is behind us in the file: its end, and its last bytes as a mark. */
interface Position {
  offset: number;
  mark: Buffer;
}

/** Yields what is written to the log from the byte `from` on, in pieces of at most 64 KiB, until the
 * signal aborts (then it ends, without an error). When the log was rotated, the rest is read from the
 * rotated file first. A log that does not exist yet is waited for. */
export async function* followLog(
  path: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const position: Position = { offset: from, mark: Buffer.alloc(0) };
  while (!signal.aborted) {
    const file = await openLog(path);
    if (file) {
      try {
        if (!(await isSame(file, position))) {
          yield* restOf(path, position);
          position.offset = 0;
          position.mark = Buffer.alloc(0);
        }
        yield* readOn(file, position, signal);
      } finally {
        await file.close();
      }
    }
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined); // The loop sees the end.
  }
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch {
    return undefined; // Not there, or no descriptor left: the next look may do.
  }
}

/** The file still holds what was read of it: it was not cut since. */
async function isSame(file: FileHandle, { offset, mark }: Position): Promise<boolean> {
  const { size } = await file.stat();
  if (size < offset) return false;
  if (mark.length === 0) return true;
  const now = Buffer.alloc(mark.length);
  await file.read(now, 0, now.length, offset - mark.length);
  return now.equals(mark);
}

async function* readOn(
  file: FileHandle,
  position: Position,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  while (!signal.aborted) {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, block.length, position.offset);
    if (bytesRead === 0) return;
    const piece = block.subarray(0, bytesRead);
    advance(position, piece);
    yield piece;
  }
}

function advance(position: Position, piece: Buffer): void {
  position.offset += piece.length;
  const last = piece.subarray(-MARK_BYTES);
  position.mark = Buffer.concat([position.mark, last]).subarray(-MARK_BYTES);
}

/** What was written between our last look and the cut; nothing where it can't be had any more. */
async function* restOf(path: string, { offset, mark }: Position): AsyncGenerator<Buffer> {
  const rotated = await newestRotated(path);
  if (rotated === undefined) return;
  const start = offset - mark.length;
  let skip = start;
  let toCompare = mark;
  try {
    for await (const chunk of readRotated(rotated)) {
      let piece = chunk;
      const skipped = Math.min(skip, piece.length);
      skip -= skipped;
      piece = piece.subarray(skipped);
      const compared = Math.min(toCompare.length, piece.length);
      if (!piece.subarray(0, compared).equals(toCompare.subarray(0, compared))) return;
      toCompare = toCompare.subarray(compared);
      piece = piece.subarray(compared);
      if (piece.length > 0) yield piece;
    }
  } catch {
    // Compressed or removed in this moment: the rest is not to be had.
  }
}

function readRotated(path: string): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: BLOCK_BYTES });
  if (!path.endsWith(".gz")) return file as AsyncIterable<Buffer>;
  const text = createGunzip({ chunkSize: BLOCK_BYTES });
  file.on("error", (error) => text.destroy(error));
  return file.pipe(text) as AsyncIterable<Buffer>;
}

async function newestRotated(path: string): Promise<string | undefined> {
  for (const candidate of [`${path}.1`, `${path}.1.gz`]) {
    if (await stat(candidate).catch(() => undefined)) return candidate;
  }
  return undefined;
}
