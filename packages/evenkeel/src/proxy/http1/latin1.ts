/** Octets as strings. */

/** What `latin1Slice` is for: a string without the detour over an encoding name. */
interface Latin1Source {
  latin1Slice(start: number, end: number): string;
}

/** bytes[start, end) as a string of the same length, each octet a character. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as Latin1Source).latin1Slice(start, end);
}
