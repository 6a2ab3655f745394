import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fieldId } from "./contract.ts";
import { identifyField } from "./field-names.ts";

function identify(name: string): number {
  const bytes = Buffer.from(`::${name}::`, "latin1");
  return identifyField(bytes, 2, bytes.length - 2);
}

/** "contentLength" is "content-length"; the digits of "http2Settings" belong to the first word. */
function spelled(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

describe("field names", () => {
  for (const [key, id] of Object.entries(fieldId)) {
    if (key === "other" || key === "namedByConnection") continue;
    const name = spelled(key);

    test(`knows ${name} in any case and nothing near it`, () => {
      assert.equal(identify(name), id);
      assert.equal(identify(name.toUpperCase()), id);
      assert.equal(identify(name[0]!.toUpperCase() + name.slice(1)), id);
      for (let i = 0; i < name.length; i++) {
        const near = `${name.slice(0, i)}!${name.slice(i + 1)}`;
        assert.equal(identify(near), fieldId.other, near);
      }
      assert.equal(identify(`${name}x`), fieldId.other);
      assert.equal(identify(name.replaceAll("-", "_")), name.includes("-") ? fieldId.other : id);
    });
  }

  test("knows no others, however long", () => {
    for (const name of ["a", "x", "hosts", "8ost", "(ost", "content-lengt", "x".repeat(5000)]) {
      assert.equal(identify(name), fieldId.other, name);
    }
  });
});
