/** The methods with a meaning to a proxy (RFC 9110 section 9). */
import { startsWith } from "./ascii.ts";

export interface MethodTraits {
  readonly name: string;
  readonly isIdempotent: boolean;
}

const methods: readonly MethodTraits[] = [
  { name: "GET", isIdempotent: true },
  { name: "POST", isIdempotent: false },
  { name: "HEAD", isIdempotent: true },
  { name: "PUT", isIdempotent: true },
  { name: "DELETE", isIdempotent: true },
  { name: "OPTIONS", isIdempotent: true },
  { name: "PATCH", isIdempotent: false },
  { name: "TRACE", isIdempotent: true },
  { name: "CONNECT", isIdempotent: false },
];

/** The known method that bytes[start, end) is; undefined for all others. Methods are case-sensitive:
 * "get" is another method than "GET". */
export function knownMethod(
  bytes: Uint8Array,
  start: number,
  end: number,
): MethodTraits | undefined {
  for (const method of methods) {
    if (method.name.length === end - start && startsWith(bytes, start, method.name)) return method;
  }
  return undefined;
}
