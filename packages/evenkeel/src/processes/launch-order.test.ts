import assert from "node:assert/strict";
import { test } from "node:test";
import { launchOrder, logPaths } from "./launch-order.ts";
import { processSettings } from "./testing/settings.ts";

const environment = { PATH: "/bin", HOME: "/root", TZ: undefined, SECRET: "x" };

test("fills in what is known and leaves the rest as it is", () => {
  const settings = processSettings({
    command: ["./{{process}}", "{{port}}", "{{other}}", "{{instance}}{{instance}}"],
    cwd: "/srv/{{process}}.{{instance}}",
    env: { A: "{{port}}", PATH: "/own" },
  });
  const order = launchOrder(settings, { run: "r", index: 2, port: 9001 }, environment);
  assert.deepEqual(order.command, ["./api", "9001", "{{other}}", "22"]);
  assert.equal(order.cwd, "/srv/api.2");
  assert.deepEqual(order.env, {
    PATH: "/own",
    HOME: "/root",
    PORT: "9001",
    EVENKEEL_INSTANCE: "api.2",
    A: "9001",
  });
  assert.equal(order.notify, false);
});

test("without a port there is none to tell, and PORT may be one's own", () => {
  const plain = launchOrder(processSettings(), { run: "r", index: 1, port: undefined }, {});
  assert.deepEqual(plain.command, ["./api", "--port", "{{port}}"]);
  assert.deepEqual(plain.env, { EVENKEEL_INSTANCE: "api.1" });
  const settings = processSettings({ env: { PORT: "80" } });
  assert.equal(launchOrder(settings, { run: "r", index: 1, port: 9001 }, {}).env["PORT"], "80");
});

test("both outputs share a file, unless they are to be separate", () => {
  const settings = processSettings();
  assert.deepEqual(logPaths(settings, 3), { out: "/logs/api.3.log", err: undefined });
  const separate = processSettings({ logs: { ...settings.logs, separate: true } });
  const order = launchOrder(separate, { run: "r", index: 3, port: undefined }, {});
  assert.equal(order.stdoutPath, "/logs/api.3.log");
  assert.equal(order.stderrPath, "/logs/api.3.err.log");
});
