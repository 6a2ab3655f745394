/** The methods with a meaning to a proxy (RFC 9110 section 9). */

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

/** The known method that text[0, length) is; undefined for all others. Methods are case-sensitive:
 * "get" is another method than "GET". */
export function knownMethod(text: string, length: number): MethodTraits | undefined {
  for (const method of methods) {
    if (method.name.length === length && text.startsWith(method.name)) return method;
  }
  return undefined;
}
