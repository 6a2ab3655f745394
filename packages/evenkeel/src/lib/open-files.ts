/** How many files the process may have open, and how many connections fit into that. */
import { readFileSync } from "node:fs";

/** How many files the process may have open; undefined where the system does not tell, or sets no
 * limit. */
export function readFileLimit(path = "/proc/self/limits"): number | undefined {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync(path, "utf8"));
    return match ? Number(match[1]) : undefined;
  } catch {
    return undefined; // No /proc: nothing is known, and nothing has to be heeded.
  }
}

/** Files that Evenkeel needs beside the clients' connections: logs, listeners, checks, admin. */
const RESERVE = 256;
/** With as many files as anybody could want. */
const MOST_CONNECTIONS = 20_000;

/** Files that so many client connections need: a proxied request takes two sockets. */
export function filesFor(connections: number): number {
  return connections * 2 + RESERVE;
}

/** A listener's `max_connections` where none is written: 20,000, or as many as the limit has files
 * for, so that the next client gets an answer and is not dropped by the system. At least 1. */
export function defaultConnections(fileLimit: number | undefined): number {
  if (fileLimit === undefined) return MOST_CONNECTIONS;
  return Math.min(MOST_CONNECTIONS, Math.max(1, Math.floor((fileLimit - RESERVE) / 2)));
}
