import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configure, problemsOf } from "../testing/configure.ts";
import { chapters } from "./chapters.ts";
import { configurationSchema, editorSchema, type JsonSchema } from "./json-schema.ts";
import { referencePage } from "./page.ts";
import { keysOf } from "../testing/keys-of.ts";

const schema = configurationSchema();
const page = referencePage(schema);

/** Some examples name files that must hold a key or an address. */
function secretOf(file: string): string {
  if (file.endsWith("pagerduty.key")) return "0123456789abcdef0123456789abcdef";
  return file.endsWith(".url") ? "https://hooks.example/secret" : "secret";
}

describe("the reference page", () => {
  test("has a row for every key", () => {
    const matches = /^routes\[\]\.(headers|query|cookies)\.<name>/;
    const keys = [...new Set(keysOf(schema))].filter((key) => !matches.test(key));
    assert.ok(keys.length > 150, `only ${keys.length} keys were found`);
    for (const key of keys) {
      const chapter = chapters
        .map(({ path }) => path)
        .filter((path) => path === "" || key.startsWith(`${path}.`))
        .toSorted((one, other) => other.length - one.length)[0]!;
      const row = chapter === "" ? key : key.slice(chapter.length + 1);
      const start = page.indexOf(chapter === "" ? "## The file" : `\n\`${chapter}\`. `);
      const end = page.indexOf("\n## ", start + 1);
      const text = page.slice(start, end < 0 ? undefined : end);
      assert.ok(
        text.includes(`\n| \`${row}\` |`),
        `${key} is not in the chapter ${chapter || "top"}`,
      );
    }
  });

  test("says something about every key", () => {
    for (const line of page.split("\n")) {
      if (!line.startsWith("| `") || !line.includes(" | ")) continue;
      const cells = line.replaceAll("\\|", "").split("|");
      assert.ok(cells.at(-2)!.trim().length > 3, line);
      assert.doesNotMatch(line, /undefined|\[object/);
    }
  });

  for (const [key, ...words] of [
    ["retry_budget", "last 10 s", "at most `percent`", "at least `min`"],
    ["retry_budget.percent", "failed connect", "stale keep-alive connection"],
  ] as const) {
    test(`${key} says ${words.join(", ")}`, () => {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${key}\` |`)) ?? "";
      for (const word of words) assert.ok(row.includes(word), row);
    });
  }

  test("links to chapters that are there", () => {
    const anchors = chapters.map(({ title }) => title.toLowerCase().replaceAll(" ", "-"));
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g))
      assert.ok(anchors.includes(anchor!), anchor);
  });

  for (const { title, example } of chapters) {
    test(`the example of ${title} is valid`, () => {
      const more = { readText: secretOf };
      assert.deepEqual(problemsOf(example, more), []);
    });
  }
});

describe("the editor's schema", () => {
  const json = JSON.parse(editorSchema()) as JsonSchema;

  test("has the same keys as the configuration, and no notes of ours", () => {
    assert.deepEqual(new Set(keysOf(json)), new Set(keysOf(schema)));
    assert.doesNotMatch(editorSchema(), /"x-(type|written)/);
  });

  test("refuses unknown keys at every level", () => {
    const walk = (at: JsonSchema): void => {
      if (at.properties) assert.equal(at.additionalProperties, false);
      for (const child of Object.values(at.properties ?? {})) walk(child);
      for (const child of at.anyOf ?? []) walk(child);
      if (at.items) walk(at.items);
      if (at.additionalProperties) walk(at.additionalProperties);
    };
    walk(json);
  });

  test("gives defaults that are valid", () => {
    const text = Object.entries(json.properties ?? {})
      .filter(([, { default: value }]) => value !== undefined)
      .map(([key, { default: value }]) => `${key}: ${JSON.stringify(value)}`)
      .join("\n");
    assert.deepEqual(configure(text), configure(""));
  });
});
