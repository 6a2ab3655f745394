import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { stringify } from "yaml";
import { quickStartConfig } from "../quick-start.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import { readFully } from "./source.ts";

const environment = { NAME: "filled", PORT: "8080", ON: "true", EMPTY: "" };

const everyday = `# A comment.
listeners:
  web: { bind: "0.0.0.0:8080", max_connections: 100 }  # another
  "quoted-name": {
    bind: [ "127.0.0.1:1", '127.0.0.1:2', ],   # inside

    timeouts: {header: 5s},
    }
routes:
- host: [shop.example, "*.shop.example"]
  path: /api/{id}
  upstream: api
  headers: { X-A: "it's", X-B: 'say ''it''', "X-C":"\\u0078\\"" }
-
  upstream: api
  # deep comment
  retry: { attempts: 2, ratio: 0.25 }
- { upstream: "\${NAME}", timeout: "\${NAME:-5s}" }

upstreams:
  api:
    endpoints:
      - 10.0.0.1:8080
      - "10.0.0.2:8080"
      - { address: "10.0.0.3:8080", backup: true }
      - address: 10.0.0.4:\${PORT}
        weight: \${PORT}
    health_check: {protocol: http, path: /healthz?a=b#c}
log:
    level: info
workers: 2
`;

/** What the full parser says; undefined where something is wrong. */
function full(text: string): unknown {
  const source = readFully("f", text, environment);
  return source.problems.length > 0 ? undefined : source.value;
}

function agree(text: string): boolean {
  const value = readPlainYaml(text, environment);
  if (value === undefined) return false;
  const source = readFully("f", text, environment);
  assert.deepEqual(source.problems, [], `accepted: ${JSON.stringify(text)}`);
  assert.deepEqual(value, source.value, JSON.stringify(text));
  return true;
}

describe("reads", () => {
  const cases: Readonly<Record<string, string>> = {
    "what people write": everyday,
    "the quick start": quickStartConfig([1, 2, 3]),
    JSON: JSON.stringify(full(everyday), undefined, 1),
    "JSON on one line": JSON.stringify(full(everyday)),
    "what the library writes": stringify(full(everyday)),
    "numbers, words and text like them": "a: 0\nb: 12\nc: 1.5\nd: true\ne: yes\nf: 1.2.3\ng: 5s\n",
    "colons, hashes and quotes within words": "a: b:c#d\n'e': f'g\"h\ni: http://x/#y\n",
    "text with what would be a bracket elsewhere": "a: /x/{id}[0], y\n",
    "a file without a last line end": "a:\n  - b",
    "trailing blanks": "a:   \n  b:  c  \n   \n",
    "keys that objects have already": "a: { constructor: x, toString: y, hasOwnProperty: z }",
    "variables, quoted or not": "a: ${PORT}\nb: '${PORT}'\nc: ${ON}\nd: $${NAME}\ne: ${EMPTY:-x}",
  };
  for (const [name, text] of Object.entries(cases)) {
    test(name, () => assert.ok(agree(text), "it gave up"));
  }
});

describe("leaves to the full parser", () => {
  const cases: Readonly<Record<string, string>> = {
    nothing: "",
    "mere comments": "# a\n",
    "a text": "hello",
    anchors: "a: &x 1\nb: *x\n",
    tags: "a: !!str 1\n",
    "text over lines": "a: b\n  c\n",
    "quoted text over lines": 'a: "b\n  c"\n',
    "block text": "a: |\n  b\n",
    "merge keys": "<<: { a: 1 }\n",
    tabs: "a:\tb\n",
    "carriage returns": "a: b\r\n",
    "a mark at the start": "\ufeffa: b\n",
    documents: "---\na: b\n",
    "an end of document": "a: 1\n...\n",
    "an end of document as text": "a:\n  - ...\n",
    "empty values": "a:\nb: 1\n",
    "empty values in a flow": "{ a: , b: 1 }",
    "words for nothing": "a: null\n",
    "numbers in odd spellings": "a: 0x1f\n",
    "numbers with leading zeros": "a: 007\n",
    "numbers beyond exactness": "a: 12345678901234567890\n",
    "escapes of YAML's own": 'a: "\\x41"\n',
    "halves of characters": 'a: "\\ud83d\\ude00"\n',
    "a key twice": "a: 1\na: 2\n",
    "a key twice in a flow": "{ a: 1, a: 2 }",
    "JavaScript's own key": "__proto__: { a: 1 }\n",
    "indentation that does not fit": "a:\n    b: 1\n  c: 2\n",
    "a flow that is not indented": "a: {\nb: 1\n}\n",
    "an unclosed bracket": "a: [1, 2\n",
    "two values on a line": "a: b: c\n",
    "a value after a flow": "a: {} b\n",
    "a list in a line": "a: - b\n",
    "a variable that is not set": "a: ${MISSING}\n",
    "a malformed variable": "a: ${\n",
    "keys of many lines": "{ a\n: 1 }",
    "a very long key": `${"a".repeat(600)}: 1\n`,
    "bottomless nesting": `${"[".repeat(5000)}${"]".repeat(5000)}`,
  };
  for (const [name, text] of Object.entries(cases)) {
    test(name, () => assert.equal(readPlainYaml(text, environment), undefined));
  }
});

describe("never says anything else than the full parser", () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      " ",
      "  ",
      "\n",
      "\n  ",
      "\n- ",
      "\n    ",
      ": ",
      ":",
      ",",
      "- ",
      "-",
      "#",
      " #",
    ),
    fc.constantFrom("{", "}", "[", "]", '"', "'", "''", "\\", '\\"', "a", "b: ", "0", "1", "."),
    fc.constantFrom(
      "...",
      "\n...",
      "\n---\n",
      "e",
      "~",
      "|",
      ">",
      "&x ",
      "*x",
      "!",
      "?",
      "? ",
      "%",
    ),
    fc.constantFrom("@", "`", "${PORT}", "${", "true", "null", "ä"),
  );
  const seeds = fc.constantFrom(
    everyday,
    "a: { b: [c, d], e: 'f' }\ng:\n  - h: i\n    j: k\n  - l\n",
    '{\n "a": [\n  "b",\n  1\n ],\n "c": {"d":"e"}\n}\n',
    "a: b\n",
    "- a\n- b: c\n",
  );
  const edit = fc.record({
    at: fc.nat(2_000),
    remove: fc.constantFrom(0, 0, 1, 2, 5),
    insert: fc.oneof(fc.constant(""), pieces),
  });

  test("however a sound file is damaged", () => {
    let read = 0;
    const property = fc.property(
      seeds,
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (seed, edits) => {
        let text = seed;
        for (const { at, remove, insert } of edits) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + insert + text.slice(from + remove);
        }
        if (agree(text)) read++;
      },
    );
    fc.assert(property, { numRuns: 3_000 });
    assert.ok(read > 300, `only ${read} of 3000 were compared`);
  });

  test("whatever the pieces are put together to", () => {
    let read = 0;
    const property = fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      if (agree(parts.join(""))) read++;
    });
    fc.assert(property, { numRuns: 6_000 });
    assert.ok(read > 0, "none was compared");
  });

  test("of values in all their spellings", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.stringMatching(/^[-+.0-9eExo_naifNAIF]{1,6}$/),
      fc.constantFrom("true", "True", "null", "~", "yes", ".inf", "-0", "1.", ".5", "1_000", "0o7"),
    );
    const property = fc.property(
      value,
      fc.constantFrom("block", "flow", "key", "item"),
      (text, where) => {
        const line = text.replaceAll("\n", " ");
        if (where === "block") agree(`a: ${line}\nb: 1\n`);
        else if (where === "flow") agree(`{ a: ${line}, b: [${line}] }`);
        else if (where === "key") agree(`${line}: 1\n`);
        else agree(`- ${line}\n- x\n`);
      },
    );
    fc.assert(property, { numRuns: 4_000 });
  });

  test("of any data, as the library and as JSON write it", () => {
    const property = fc.property(fc.object({ maxDepth: 4 }), fc.nat(3), (data, indent) => {
      agree(stringify(data));
      agree(JSON.stringify(data, undefined, indent));
    });
    fc.assert(property, { numRuns: 500 });
  });
});
