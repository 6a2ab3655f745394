/** A value's type as the reference page names it. */
import type { JsonSchema } from "./json-schema.ts";

/** Such as "duration or `off`", "list of networks" or "integer, 0 to 65535". */
export function typeInWords(schema: JsonSchema): string {
  if (schema.anyOf) return anyOf(schema.anyOf);
  if (schema["x-type"]) return schema["x-type"];
  if (schema.const !== undefined) return words([schema.const]);
  if (schema.enum) return schema.enum.length > 5 ? "one of the words" : words(schema.enum);
  if (schema.items) return `list of ${plural(typeInWords(schema.items))}`;
  if (schema.additionalProperties) {
    const values = schema.additionalProperties;
    return values.properties || values.anyOf?.some(isMap)
      ? "map by name"
      : `map of name to ${typeInWords(values)}`;
  }
  if (schema.properties) return "map";
  if (schema.type === "boolean") return "`true` or `false`";
  if (schema.type === "integer") return integer(schema);
  return Array.isArray(schema.type) ? schema.type.join(" or ") : String(schema.type ?? "text");
}

function isMap(schema: JsonSchema): boolean {
  return schema.properties !== undefined;
}

/** Ways to write one value, each named once; a list of what can also stand alone is "one or more". */
function anyOf(variants: readonly JsonSchema[]): string {
  const [first, second] = variants;
  if (first && second?.items && typeInWords(second.items) === typeInWords(first)) {
    return `${typeInWords(first)}, or a list`;
  }
  return [...new Set(variants.map(typeInWords))].join(" or ");
}

function words(values: readonly unknown[]): string {
  return values.map((value) => `\`${JSON.stringify(value).replaceAll('"', "")}\``).join(", ");
}

function integer({ minimum, maximum }: JsonSchema): string {
  const top = maximum !== undefined && maximum < 0x7fff_ffff ? maximum : undefined;
  if (top !== undefined) return `integer, ${minimum} to ${top}`;
  return minimum ? `integer from ${minimum}` : "integer";
}

function plural(word: string): string {
  if (word.startsWith("address or")) return "addresses or maps";
  if (word === "address") return "addresses";
  return word === "map" ? "maps" : `${word}s`.replace(/ys$/, "ies");
}
