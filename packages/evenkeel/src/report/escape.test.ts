import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { htmlText, jsonText, scriptText, styleText } from "./escape.ts";

/** Strings rich in what could break out. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom("<", ">", "&", '"', "'", "</script>", "</SCRIPT ", "<script>", "<!--", "-->"),
      fc.constantFrom("</style>", "&lt;", "\\", "\n", "`", "${x}", "\u2028", "]]>"),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(""));

describe("text between tags", () => {
  test("has no character that could begin or end markup", () => {
    fc.assert(fc.property(hostile, (text) => !/[<>"']/.test(htmlText(text))));
  });

  test("reads as it was written", () => {
    const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
    const read = (markup: string): string =>
      markup.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name]!);
    fc.assert(fc.property(hostile, (text) => assert.equal(read(htmlText(text)), text)));
  });
});

test("data in a page is the same data, and holds no tag", () => {
  fc.assert(
    fc.property(fc.array(hostile), (value) => {
      const json = jsonText(value);
      assert.deepEqual(JSON.parse(json), value);
      assert.ok(!json.includes("<"));
    }),
  );
});

test("code in a page can't end its element or hide its end, and means the same", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const code = scriptText(JSON.stringify(text));
      assert.ok(!/<\/script|<script|<!--/i.test(code), code);
      assert.equal(runInNewContext(code), text);
    }),
  );
  const pattern = String.raw`/<\/script>|<!--|<script/.test("<!--")`;
  assert.equal(runInNewContext(scriptText(pattern)), true);
});

test("rules in a page can't end their element", () => {
  assert.equal(styleText(`a{content:"</STYLE>"}`), String.raw`a{content:"<\/STYLE>"}`);
});
