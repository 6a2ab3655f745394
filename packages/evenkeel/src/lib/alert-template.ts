/** `{{name}}` in what webhooks are sent: which names there are, and how values are put in. */

/** Beside these, `labels.NAME` is a label of the first alert, empty where it has none. */
export const templateNames = [
  "summary",
  "details",
  "severity",
  "status",
  "alert",
  "count",
  "key",
  "group",
  "runbook",
  "receiver",
  "started_at",
  "ended_at",
  "id",
] as const;

/** How values are made safe for where they stand. */
export type Escaping = "json" | "form" | "xml" | "none";

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** As the content type asks for; undefined for plain text. */
export function escapingFor(contentType: string): Escaping {
  const kind = contentType.split(";", 1)[0]!.trim().toLowerCase();
  if (kind === "application/json" || kind.endsWith("+json")) return "json";
  if (kind === "application/x-www-form-urlencoded") return "form";
  return kind === "text/html" || kind.endsWith("/xml") || kind.endsWith("+xml") ? "xml" : "none";
}

/** Names in a template that mean nothing, in order. */
export function unknownNames(template: string): string[] {
  return [...template.matchAll(PLACE)]
    .map(([, name = ""]) => name)
    .filter((name) => !isKnown(name));
}

function isKnown(name: string): boolean {
  return (templateNames as readonly string[]).includes(name) || /^labels\.\w+$/.test(name);
}

/** Puts values in; what has none is left empty. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string>>,
  escaping: Escaping,
): string {
  return template.replaceAll(PLACE, (_, name: string) => escapes[escaping](values[name] ?? ""));
}

const escapes: Readonly<Record<Escaping, (value: string) => string>> = {
  json: (value) => JSON.stringify(value).slice(1, -1),
  // Lone surrogates have no place in a form: they become the replacement character.
  form: (value) => encodeURIComponent(value.toWellFormed()),
  xml: (value) => value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  none: (value) => value,
};
