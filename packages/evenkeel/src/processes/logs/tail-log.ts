/** The end of a log, read from the end. */
import { open, type FileHandle } from "node:fs/promises";

const BLOCK_BYTES = 64 * 1024;
/** However long its lines are. */
const MAX_BYTES = 8 * 1024 * 1024;
const LINE_FEED = 0x0a;

export interface LogTail {
  /** As it stands in the file: the last line may not have been ended yet. */
  readonly text: Buffer;
  /** Where reading on starts. */
  readonly end: number;
}

/** The last lines of a log, at most 8 MiB of them; one that has not been ended by a line feed counts.
 * Empty where there is no such file, or for 0 lines. */
export async function tailLog(path: string, lines: number): Promise<LogTail> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      return { text: Buffer.alloc(0), end: 0 };
    throw error;
  }
  try {
    const { size } = await file.stat();
    return { text: await readBack(file, size, lines), end: size };
  } finally {
    await file.close();
  }
}

async function readBack(file: FileHandle, size: number, lines: number): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let left = lines;
  const lowest = Math.max(0, size - MAX_BYTES);
  for (let end = size; end > lowest && left >= 0;) {
    const start = Math.max(lowest, end - BLOCK_BYTES);
    const block = await readExactly(file, start, end - start);
    // The line feed at the very end ends the last line, it does not begin one.
    const from = end === size ? block.length - 2 : block.length - 1;
    const cut = lineStart(block, from, left);
    if (cut.start >= 0) {
      blocks.unshift(block.subarray(cut.start));
      return Buffer.concat(blocks);
    }
    left = cut.left;
    blocks.unshift(block);
    end = start;
  }
  return Buffer.concat(blocks);
}

/** Where the line begins that is `left` lines from the end; -1 and how many are still missing where
 * the block does not reach back so far. */
function lineStart(block: Buffer, from: number, lines: number): { start: number; left: number } {
  let left = lines;
  if (left <= 0) return { start: block.length, left: 0 };
  for (let at = from; at >= 0; at--) {
    if (block[at] === LINE_FEED && --left === 0) return { start: at + 1, left };
  }
  return { start: -1, left };
}

/** Fewer bytes where the file was cut meanwhile. */
async function readExactly(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(block, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return block.subarray(0, filled);
}
