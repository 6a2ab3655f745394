import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { HeaderChanges } from "../../snapshot/snapshot.ts";
import { compileHeaderChanges } from "./header-changes.ts";
import type { PlaceholderValues } from "./placeholders.ts";

const values: PlaceholderValues = {
  clientAddress: "192.0.2.1",
  requestId: "r1",
  host: "shop.example",
  route: "api",
  upstream: "caf\u00e9",
};

function compile(changes: Partial<HeaderChanges>) {
  const compiled = compileHeaderChanges({ set: [], add: [], remove: [], ...changes });
  assert.ok(compiled);
  return compiled;
}

describe("header changes", () => {
  test("nothing to change compiles to nothing", () => {
    assert.equal(compileHeaderChanges(undefined), undefined);
    assert.equal(compileHeaderChanges({ set: [], add: [], remove: [] }), undefined);
  });

  test("set and added lines are one constant string, in order", () => {
    const compiled = compile({
      set: [["X-One", "1"]],
      add: [
        ["X-Two", "2"],
        ["X-Two", "3"],
      ],
    });
    assert.equal(compiled.constantLines, "X-One: 1\r\nX-Two: 2\r\nX-Two: 3\r\n");
    assert.equal(compiled.lines(values), compiled.constantLines);
  });

  test("removed and set fields are dropped in any case, added ones are not", () => {
    const compiled = compile({
      set: [["X-Set", ""]],
      add: [["X-Add", ""]],
      remove: ["x-gone", "x~one"],
    });
    const drops = (name: string) => compiled.drops(Buffer.from(`ab${name}cd`), 2, 2 + name.length);
    const dropped = [
      "x-set",
      "X-SET",
      "X-Gone",
      "x-gone",
      "X-Add",
      "x-gon",
      "x-gonee",
      "y-gone",
      "x^one",
    ];
    assert.deepEqual(dropped.filter(drops), ["x-set", "X-SET", "X-Gone", "x-gone"]);
    assert.equal(compiled.dropsAny, true);
    assert.equal(compile({ add: [["A", "b"]] }).dropsAny, false);
  });

  test("an underscore and a hyphen are the same, in rules and in what is received", () => {
    const compiled = compile({ set: [["X_Set", ""]], remove: ["x-user-id", "x_group_id"] });
    const drops = (name: string) => compiled.drops(Buffer.from(`ab${name}cd`), 2, 2 + name.length);
    const dropped = ["x-set", "x_set", "X_User_Id", "x-user_id", "X-Group-ID", "x.set", "x_use-id"];
    assert.deepEqual(dropped.filter(drops), dropped.slice(0, 5));
    assert.equal(compiled.constantLines, "X_Set: \r\n");
  });

  test("placeholders are filled in", () => {
    const compiled = compile({
      set: [["X", "{{client_address}}/{{ request_id }} at {{host}}"]],
      add: [
        ["Y", "{{route}}{{upstream}}"],
        ["Z", "{{unknown}} ${host}"],
      ],
    });
    assert.equal(compiled.constantLines, undefined);
    assert.equal(
      compiled.lines(values),
      "X: 192.0.2.1/r1 at shop.example\r\nY: apicaf\u00c3\u00a9\r\nZ: {{unknown}} ${host}\r\n",
    );
  });

  test("no value ends its line; what is not ASCII is sent as UTF-8", () => {
    const compiled = compile({
      set: [
        ["X", "a\r\nEvil: 1\0"],
        ["Y", "\u20ac"],
      ],
    });
    assert.equal(compiled.constantLines, "X: a  Evil: 1 \r\nY: \u00e2\u0082\u00ac\r\n");
  });
});
