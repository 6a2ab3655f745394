import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { engineFlags } from "./engine-flags.ts";

test("the engine knows every flag it is given", () => {
  const known = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  for (const flag of engineFlags) {
    const [name = ""] = flag.split("=");
    assert.ok(known.includes(`${name} (`), `${name} is unknown: an update of Node dropped it`);
  }
});
