/** The reference page: one chapter per map of the configuration, one table row per key. */
import { chapters, introduction, type Chapter } from "./chapters.ts";
import type { JsonSchema } from "./json-schema.ts";
import { typeInWords } from "./type-in-words.ts";

/** The whole page as Markdown. A map without a chapter is told in its parent's table. Throws where a
 * chapter has no map. */
export function referencePage(schema: JsonSchema): string {
  const maps = collectMaps("", schema);
  const sections = chapters.map((chapter) => {
    const properties = maps.get(chapter.path);
    if (!properties) throw new Error(`no map for the chapter ${chapter.path}`);
    return section(chapter, properties);
  });
  const contents = chapters.map(({ title, path }) => {
    const depth = path === "" ? 0 : path.split(".").filter((step) => step !== "<name>").length - 1;
    return `${"  ".repeat(Math.max(0, depth))}- [${title}](#${anchor(title)})`;
  });
  return `${[introduction, contents.join("\n"), ...sections].join("\n\n")}\n`;
}

interface Row {
  readonly key: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** Every map that has a chapter, by its path (`routes[].retry`), with all keys over its variants. */
function collectMaps(path: string, schema: JsonSchema): Map<string, Row[]> {
  const rows: Row[] = [];
  const inner = new Map<string, Row[]>();
  for (const { key, schema: value, required } of propertiesOf(schema)) {
    const child = reach(value);
    if (!child) {
      rows.push({ key, schema: value, required });
      continue;
    }
    const properties = propertiesOf(child.schema);
    const below = `${path === "" ? "" : `${path}.`}${key}${child.suffix}`;
    rows.push({ key, schema: value, required });
    if (chapters.some((chapter) => chapter.path === below)) {
      for (const [at, found] of collectMaps(below, child.schema)) inner.set(at, found);
    } else if (child.suffix === "") {
      for (const row of properties) rows.push({ ...row, key: `${key}.${row.key}` });
    }
  }
  return new Map([[path, rows], ...inner]);
}

/** The keys of a map, over all ways to write it. */
function propertiesOf(schema: JsonSchema): Row[] {
  const rows = new Map<string, Row>();
  const variants = schema.anyOf ?? [schema];
  for (const { properties = {}, required = [] } of variants) {
    for (const [key, value] of Object.entries(properties)) {
      const row = { key, schema: value, required: required.includes(key) };
      const before = rows.get(key);
      if (!before) rows.set(key, row);
      else rows.set(key, { ...before, schema: withChoices(before.schema, value) });
    }
  }
  return [...rows.values()];
}

/** Adds the word that stands for another variant to a key's own. */
function withChoices(schema: JsonSchema, other: JsonSchema): JsonSchema {
  if (!schema.enum || other.const === undefined || schema.enum.includes(other.const)) return schema;
  return { ...schema, enum: [...schema.enum, other.const] };
}

/** The map below a key: its own, a list's items, or a map's values. */
function reach(schema: JsonSchema): { schema: JsonSchema; suffix: string } | undefined {
  const items = schema.items ?? schema.anyOf?.find((one) => one.items)?.items;
  // One map that may stand without its list is still an item of it.
  const alone = schema.anyOf?.some((one) => JSON.stringify(one) === JSON.stringify(items));
  if (items && alone && propertiesOf(items).length > 0) return { schema: items, suffix: "[]" };
  if (propertiesOf(schema).length > 0) return { schema, suffix: "" };
  if (items && propertiesOf(items).length > 0) return { schema: items, suffix: "[]" };
  const values = schema.additionalProperties;
  if (values && propertiesOf(values).length > 0) return { schema: values, suffix: ".<name>" };
  return undefined;
}

function section({ path, title, text, example }: Chapter, rows: readonly Row[]): string {
  const table = [
    "| key | type | default | meaning |",
    "|---|---|---|---|",
    ...rows.map((row) => tableRow(path, row)),
  ].join("\n");
  const level = path === "" || !path.replace(".<name>", "").includes(".") ? "##" : "###";
  const where = path === "" ? "" : `\`${path}\`. `;
  return `${level} ${title}\n\n${where}${text}\n\n\`\`\`yaml\n${example.trim()}\n\`\`\`\n\n${table}`;
}

function tableRow(path: string, { key, schema, required }: Row): string {
  const own = chapters.find((chapter) => {
    const at = `${path === "" ? "" : `${path}.`}${key}`;
    return [at, `${at}[]`, `${at}.<name>`].includes(chapter.path);
  });
  const meaning = schema.description ?? "";
  const link = own ? ` See [${own.title}](#${anchor(own.title)}).` : "";
  const cells = [`\`${key}\``, typeInWords(schema), defaultOf(schema, required), meaning + link];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function defaultOf(schema: JsonSchema, required: boolean): string {
  if (required) return "**required**";
  const value = schema.default;
  if (value === undefined) return "";
  if (value === "") return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "none" : `\`[${value.join(", ")}]\``;
  if (typeof value === "object" && value !== null) return "";
  return `\`${JSON.stringify(value).replaceAll('"', "")}\``;
}

/** The anchor that renderers make of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(/\s/g, "-");
}
