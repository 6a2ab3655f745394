import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../scripts/install-peers.sh", import.meta.url));

test("an unknown peer is refused with the known ones named", () => {
  const run = spawnSync(SCRIPT, ["apache"], { encoding: "utf8" });
  assert.equal(run.status, 2);
  assert.match(
    run.stderr,
    /unknown peer 'apache' \(known: nginx haproxy caddy wrk supervisord prometheus-alertmanager\)/,
  );
});
