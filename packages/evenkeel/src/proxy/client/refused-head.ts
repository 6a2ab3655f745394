/**
 * What can be read of a head that is refused, so that its line in the access log can be found. Only
 * whole lines count, and only up to the first one that is malformed; nothing is judged by it.
 */
import { BAD_AUTHORITY, readAuthority } from "../http1/authority.ts";
import { latin1 } from "../http1/latin1.ts";

/** The part of an access entry that a refused head gives; empty where nothing could be read. */
export interface RefusedHead {
  method: string;
  /** As sent, whatever its form. */
  target: string;
  minorVersion: number;
  /** Only a good one that came once, as in other lines: lower case, without port. */
  host: string;
  userAgent: string;
  referer: string;
}

const LF = "\n";
const REQUEST_LINE = /^([!#$%&'*+\-.^`|~\w]+) (.+) HTTP\/(\d)\.(\d)$/s;
const FIELD = /^([!#$%&'*+\-.^`|~\w]+):[ \t]*(.*)$/s;

/** Reads what is there of a head; the request's line only where it is within `lineBytes`. */
export function readRefusedHead(bytes: Buffer, lineBytes: number): RefusedHead {
  const head = { method: "", target: "", minorVersion: 1, host: "", userAgent: "", referer: "" };
  // Empty and missing, so that a second one can be told.
  const hosts: string[] = [];
  const lines = linesOf(latin1(bytes, 0, bytes.length));
  for (const line of lines) {
    if (head.method === "") {
      const [, method = "", target = "", major, minor] = REQUEST_LINE.exec(line) ?? [];
      if (method === "" || line.length > lineBytes) break;
      Object.assign(head, { method, target });
      if (major === "1") head.minorVersion = Number(minor);
      continue;
    }
    const [, name, value = ""] = FIELD.exec(line) ?? [];
    if (name === undefined) break;
    takeField(head, hosts, name.toLowerCase(), value.trimEnd());
  }
  if (hosts.length === 1) head.host = hostOf(hosts[0]!);
  return head;
}

/** All that are ended, but for one empty line in front. */
function linesOf(text: string): string[] {
  const lines = text.split(LF);
  // What is behind the last line's end is no line yet.
  lines.pop();
  const plain = lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  return plain[0] === "" ? plain.slice(1) : plain;
}

function takeField(head: RefusedHead, hosts: string[], name: string, value: string): void {
  if (name === "host") hosts.push(value);
  else if (name === "user-agent") head.userAgent ||= value;
  else if (name === "referer") head.referer ||= value;
}

function hostOf(authority: string): string {
  const bytes = Buffer.from(authority, "latin1");
  const read = readAuthority(bytes, 0, bytes.length);
  if (read === BAD_AUTHORITY) return "";
  return authority
    .slice(0, read >> 1)
    .replace(/\.$/, "")
    .toLowerCase();
}
