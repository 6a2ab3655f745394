import assert from "node:assert/strict";
import { test } from "node:test";

import { parseConfig } from "../../../packages/evenkeel/src/config/load.ts";
import { renderConfiguration } from "./configured.ts";
import { programOf } from "./evenkeel.ts";

const place = { dir: "/tmp/x", file: "/tmp/x/evenkeel.yaml", port: 8_080, adminPort: 9_900 };
const origins = [
  { number: 0, port: 9_001 },
  { number: 1, port: 9_002 },
];

for (const slowStart of [false, true]) {
  for (const hedges of [false, true]) {
    test(`Evenkeel's configuration is valid, slow start ${slowStart}, hedging ${hedges}`, () => {
      const program = programOf("least_conn", hedges);
      const text = renderConfiguration(program, place, { origins, slowStart, generation: 7 });
      const found = parseConfig("evenkeel.yaml", text, { environment: {}, cores: 2 });
      assert.ok(found.ok, JSON.stringify(found));
      assert.equal(text.includes("hedge:"), hedges);
      assert.equal(text.includes("slow_start:"), slowStart);
      assert.match(text, /127\.0\.0\.1:9002/);
    });
  }
}
