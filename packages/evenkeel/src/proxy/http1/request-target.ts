/** Tells the forms of a request target apart (RFC 9112 section 3.2). */
import { equalsIgnoringCase } from "./ascii.ts";

const SLASH = 0x2f;
const QUESTION = 0x3f;
const ASTERISK = 0x2a;

/** The forms a proxy is sent. The authority form belongs to CONNECT and is none of them. */
export type TargetForm = "origin" | "absolute" | "asterisk" | "none";

/** The form of the target at bytes[start, end). Only http and https URIs are absolute targets. */
export function readTargetForm(bytes: Uint8Array, start: number, end: number): TargetForm {
  const first = bytes[start];
  if (first === SLASH) return "origin";
  if (first === ASTERISK && end - start === 1) return "asterisk";
  const isHttp =
    equalsIgnoringCase(bytes, start, Math.min(end, start + 7), "http://") ||
    equalsIgnoringCase(bytes, start, Math.min(end, start + 8), "https://");
  return isHttp ? "absolute" : "none";
}

/** Where the authority at `start` ends: at the path, the query or `end`. */
export function pathStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SLASH && bytes[at] !== QUESTION) at++;
  return at;
}
