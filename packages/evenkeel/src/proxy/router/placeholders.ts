/**
 * `{{name}}` in header values, filled in per request. Written like `{{port}}` of supervised
 * processes, since `${NAME}` is the environment's, replaced when the configuration is read.
 */
import { isPlaceholderName, PLACEHOLDER, type PlaceholderName } from "../../lib/placeholders.ts";

/** What the names stand for in one request; text that is fit for a header. */
export interface PlaceholderValues {
  readonly clientAddress: string;
  readonly requestId: string;
  /** Lower case, without port. */
  readonly host: string;
  readonly route: string;
  /** Empty where the request goes to none. */
  readonly upstream: string;
}

/** Text with nothing to fill in is one string; otherwise texts and names take turns. */
export type Template = string | readonly (string | { readonly name: PlaceholderName })[];

/** Takes a value apart once, so that filling it in only joins. Unknown names stay as written. */
export function compileTemplate(value: string): Template {
  const parts: (string | { name: PlaceholderName })[] = [];
  let text = "";
  let from = 0;
  for (const found of value.matchAll(PLACEHOLDER)) {
    const name = found[1] ?? "";
    if (!isPlaceholderName(name)) continue;
    text += value.slice(from, found.index);
    if (text !== "") parts.push(text);
    text = "";
    parts.push({ name });
    from = found.index + found[0].length;
  }
  text += value.slice(from);
  if (parts.length === 0) return text;
  return text === "" ? parts : [...parts, text];
}

/** Several templates as one. */
export function joinTemplates(templates: readonly Template[]): Template {
  const parts: (string | { readonly name: PlaceholderName })[] = [];
  for (const part of templates.flat()) {
    const last = parts.at(-1);
    if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
    else if (part !== "") parts.push(part);
  }
  if (parts.length === 0) return "";
  return parts.length === 1 && typeof parts[0] === "string" ? parts[0] : parts;
}

/** The text for one request. */
export function fillTemplate(template: Template, values: PlaceholderValues): string {
  if (typeof template === "string") return template;
  let text = "";
  for (const part of template) {
    text += typeof part === "string" ? part : readers[part.name](values);
  }
  return text;
}

const readers: Readonly<Record<PlaceholderName, (values: PlaceholderValues) => string>> = {
  client_address: (values) => values.clientAddress,
  request_id: (values) => values.requestId,
  host: (values) => values.host,
  route: (values) => toHeaderText(values.route),
  upstream: (values) => toHeaderText(values.upstream),
};

/** Text as a header can carry it, in latin1: UTF-8 bytes for what is not ASCII, spaces for control
 * characters, so that no configured value can end a line. */
export function toHeaderText(value: string): string {
  let isAscii = true;
  let isClean = true;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code > 0x7e) isAscii = false;
    if (code < 0x20 || code === 0x7f) isClean = false;
  }
  if (isAscii && isClean) return value;
  const clean = value.replaceAll(/\p{Cc}/gu, " ");
  return Buffer.from(clean, "utf8").toString("latin1");
}
