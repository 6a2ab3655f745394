import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { copyFields, dropMask, type FieldFilter } from "./copy-fields.ts";
import { equalsIgnoringCase } from "../http1/ascii.ts";
import { fieldId } from "../http1/contract.ts";
import { createRequestParser } from "../http1/request-parser.ts";
import { textOf } from "../testing/outgoing-text.ts";
import { createOutgoings } from "../wire/outgoing.ts";

const parser = createRequestParser();
const limits = { lineBytes: 1_000, headerBytes: 100_000, headerCount: 200 };

function copied(
  lines: string,
  mask = dropMask(),
  filter?: FieldFilter,
  other?: FieldFilter,
): string {
  const bytes = Buffer.from(`GET / HTTP/1.1\r\n${lines}\r\n`, "latin1");
  const length = parser.parse(bytes, 0, bytes.length, 0, limits);
  assert.equal(length, bytes.length, parser.refusal?.code);
  const out = createOutgoings().take();
  copyFields(out, parser, mask, filter, other);
  return textOf(out);
}

/** Leaves out one name. */
const without = (name: string): FieldFilter => ({
  removes: (bytes, start, end) => equalsIgnoringCase(bytes, start, end, name),
});

describe("copied fields", () => {
  const cases = [
    {
      name: "usual ones stay as they are",
      lines: "Host: a\r\nX: y\r\n",
      copy: "Host: a\r\nX: y\r\n",
    },
    {
      name: "none where all are left out",
      lines: "Host: a\r\n",
      mask: dropMask(fieldId.host),
      copy: "",
    },
    { name: "without space", lines: "Host:a\r\n", copy: "Host: a\r\n" },
    {
      name: "with many spaces and tabs",
      lines: "Host: \t a \t\r\nX:  y\r\n",
      copy: "Host: a\r\nX: y\r\n",
    },
    { name: "a tab for the space", lines: "Host:\ta\r\n", copy: "Host: a\r\n" },
    { name: "space behind only", lines: "Host: a \r\n", copy: "Host: a\r\n" },
    { name: "empty values", lines: "Host: a\r\nX:\r\nY: \r\n", copy: "Host: a\r\nX: \r\nY: \r\n" },
    {
      name: "first, middle and last left out",
      lines: "TE: x\r\nHost: a\r\nUpgrade: b\r\nX: y\r\nKeep-Alive: 1\r\n",
      copy: "Host: a\r\nX: y\r\n",
    },
    {
      name: "named by Connection",
      lines: "Host: a\r\nConnection: x, close\r\nX: y\r\n",
      copy: "Host: a\r\n",
    },
  ];
  for (const { name, lines, mask, copy } of cases) {
    test(name, () => assert.equal(copied(lines, mask), copy));
  }

  test("either filter leaves out more", () => {
    const lines = "Host: a\r\nX: 1\r\nY: 2\r\nZ: 3\r\n";
    assert.equal(copied(lines, dropMask(), without("x"), without("z")), "Host: a\r\nY: 2\r\n");
    assert.equal(copied(lines, dropMask(), undefined, without("y")), "Host: a\r\nX: 1\r\nZ: 3\r\n");
  });

  test("are what a plain loop would copy, whatever the names, white space and order", () => {
    const dropped = ["TE", "keep-alive", "Proxy-Authorization", "X-Named", "X-Filtered"];
    const names = [...dropped, "X-A", "Accept", "Cookie", "x-b"];
    const field = fc.record({
      name: fc.constantFrom(...names),
      before: fc.constantFrom("", " ", "  ", "\t", " \t "),
      value: fc.constantFrom("", "v", "a b", "a,\tb", "\xff"),
      behind: fc.constantFrom("", " ", "\t "),
    });
    fc.assert(
      fc.property(fc.array(field, { maxLength: 30 }), (fields) => {
        const lines = fields.map((one) => `${one.name}:${one.before}${one.value}${one.behind}\r\n`);
        const expected = fields
          .filter(({ name }) => !dropped.includes(name))
          .map(({ name, value }) => `${name}: ${value}\r\n`);
        const text = `Host: a\r\nConnection: x-named\r\n${lines.join("")}`;
        const copy = copied(text, dropMask(), without("x-filtered"));
        assert.equal(copy, `Host: a\r\n${expected.join("")}`);
      }),
    );
  });
});
