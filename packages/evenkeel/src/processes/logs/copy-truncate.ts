/**
 * Empties a log that a process holds open for appending: its content is copied first, then the file
 * is cut to nothing. The process writes on in the same file and needs not know.
 *
 * The last read finds nothing more, and the next system call is the cut: what is written between the
 * two, a few microseconds where the machine is not busy, is lost. There is no way without that gap that
 * leaves the process alone.
 */
import { ftruncateSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";

const CHUNK_BYTES = 256 * 1024;
/** What is copied in one go with nothing between, at most: bounds how long the thread stands still. */
const LAST_BYTES = 16 * 1024 * 1024;
/** The process goes on writing meanwhile: rounds of catching up before the last go. */
const ROUNDS = 8;
/** A line may be seen half written, the other half comes within microseconds: so often it is asked
 * for. A process that writes half lines on purpose is not waited for any longer. */
const HALF_LINE_READS = 1000;
const LINE_FEED = 0x0a;

export interface CopyTruncateOptions {
  readonly path: string;
  /** Where the content goes; what is there is replaced. */
  readonly to: string;
  /** Called when the copy is all but complete, before `to` is put in its place. */
  readonly beforeLast: () => Promise<void>;
}

/** Bytes moved. Rejects with what the disk has to say, and then the log is as it was: its content is
 * in the log or in the copy at every instant, after a crash perhaps in both. */
export async function copyTruncate(options: CopyTruncateOptions): Promise<number> {
  const staged = `${options.path}.rotating`;
  const source = await open(options.path, "r+");
  try {
    const target = await open(staged, "w", 0o640);
    try {
      return await move(source, target, staged, options);
    } finally {
      await target.close();
    }
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  } finally {
    await source.close();
  }
}

async function move(
  source: FileHandle,
  target: FileHandle,
  staged: string,
  { to, beforeLast }: CopyTruncateOptions,
): Promise<number> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let position = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { size } = await source.stat();
    if (round > 0 && size - position < CHUNK_BYTES) break;
    position = await copyUpTo(source, target, chunk, position, size);
  }
  await beforeLast();
  renameSync(staged, to);
  try {
    return moveRest(source.fd, target.fd, chunk, position);
  } catch (error) {
    rmSync(to, { force: true }); // The log itself still has all of it.
    throw error;
  }
}

async function copyUpTo(
  source: FileHandle,
  target: FileHandle,
  chunk: Buffer,
  from: number,
  end: number,
): Promise<number> {
  let position = from;
  while (position < end) {
    const { bytesRead } = await source.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) break;
    await writeAll(target, chunk, bytesRead);
    position += bytesRead;
  }
  return position;
}

async function writeAll(target: FileHandle, chunk: Buffer, length: number): Promise<void> {
  for (let written = 0; written < length;) {
    written += (await target.write(chunk, written, length - written)).bytesWritten;
  }
}

/** In one go: nothing of ours comes between the last read and the cut. */
function moveRest(source: number, target: number, chunk: Buffer, from: number): number {
  let position = from;
  let isWhole = true;
  for (let patience = HALF_LINE_READS; patience > 0;) {
    const read = readSync(source, chunk, 0, chunk.length, position);
    if (read === 0 && isWhole) break;
    if (read === 0) {
      patience--;
      continue;
    }
    isWhole = chunk[read - 1] === LINE_FEED;
    for (let written = 0; written < read;) {
      written += writeSync(target, chunk, written, read - written);
    }
    position += read;
    if (position - from > LAST_BYTES) throw new Error("it is written faster than it can be copied");
  }
  ftruncateSync(source, 0);
  return position;
}
