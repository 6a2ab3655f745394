import assert from "node:assert/strict";
import { test } from "node:test";

import { renderTemplate } from "./template.ts";

test("fills in values, also twice", () => {
  assert.equal(renderTemplate("a {{x}} b {{x}} {{y}}", { x: 1, y: "z" }), "a 1 b 1 z");
});

test("repeats a section for every item, which sees the outer values", () => {
  const text = "start\n  {{#origins}}\n  to {{port}} of {{all}}\n  {{/origins}}\nend\n";
  const values = { origins: [{ port: 1 }, { port: 2 }], all: 2 };
  assert.equal(renderTemplate(text, values), "start\n  to 1 of 2\n  to 2 of 2\nend\n");
});

test("keeps a section whose flag is true and drops one whose flag is false", () => {
  const text = "{{#on}}yes{{/on}}{{#off}}no{{/off}}";
  assert.equal(renderTemplate(text, { on: true, off: false }), "yes");
});

test("a name without a value is a mistake", () => {
  assert.throws(() => renderTemplate("{{missing}}", {}), /"missing"/);
});
