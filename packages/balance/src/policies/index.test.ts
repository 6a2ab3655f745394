import assert from "node:assert/strict";
import { test } from "node:test";

import { policies } from "./index.ts";

test("the configuration's words all have a policy", () => {
  const words = "first hash ip_hash least_conn least_time random round_robin two_choices";
  assert.equal(Object.keys(policies).sort().join(" "), words);
});
