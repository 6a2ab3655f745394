import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SlotAllocator } from "../config/slots.ts";
import { desire } from "../config/testing/configure.ts";
import type { Desired } from "../snapshot/desired.ts";
import { isSameDesired } from "./same-desired.ts";

const text = `
listeners: { web: "127.0.0.1:8080" }
routes:
  - { path: /a, upstream: app }
  - { path: /b, upstream: app }
upstreams:
  app: { endpoints: ["127.0.0.1:1", "127.0.0.1:2"] }
  other: { endpoints: ["127.0.0.1:1"] }
`;

/** Two readings one after the other: the second keeps the first one's rows. */
function readTwice(first: string, second: string): [Desired, Desired] {
  const slots = new SlotAllocator();
  return [desire(first, slots, 1), desire(second, slots, 2)];
}

test("a text read again is the same, whatever its version", () => {
  assert.ok(isSameDesired(...readTwice(text, text)));
  assert.ok(isSameDesired(...readTwice(text, `# Only a comment.\n${text}`)));
});

describe("is not the same", () => {
  const app = `app: { endpoints: ["127.0.0.1:1", "127.0.0.1:2"] }`;
  const changes: Readonly<Record<string, [part: string, by: string]>> = {
    "a listener": ["8080", "8081"],
    "a route": ["path: /b,", "path: /c,"],
    "one route less": ["  - { path: /b, upstream: app }\n", ""],
    "an endpoint": ["127.0.0.1:2", "127.0.0.1:3"],
    "the order of endpoints": [`["127.0.0.1:1", "127.0.0.1:2"]`, `["127.0.0.1:2", "127.0.0.1:1"]`],
    "the order of routes": [
      "  - { path: /a, upstream: app }\n  - { path: /b, upstream: app }",
      "  - { path: /b, upstream: app }\n  - { path: /a, upstream: app }",
    ],
    "a health check": [app, `${app.slice(0, -1)}, health_check: { path: /up } }`],
    "slow start": [app, `${app.slice(0, -1)}, slow_start: 5s }`],
    "the panic threshold": [app, `${app.slice(0, -1)}, panic_threshold: "10%" }`],
    "the access log": ["listeners:", "access_log: {}\nlisteners:"],
    "the log": ["listeners:", "log: { level: debug }\nlisteners:"],
    "the admin address": ["listeners:", 'admin: { bind: "127.0.0.1:9901" }\nlisteners:'],
    "the admin token": ["listeners:", "admin: { token: x }\nlisteners:"],
    "the number of workers": ["listeners:", "workers: 3\nlisteners:"],
    "the grace": ["listeners:", "shutdown: { grace: 1s }\nlisteners:"],
    "the name in Via": ["listeners:", "via_name: here\nlisteners:"],
    "the sticky secret": ["listeners:", "sticky_secret: s\nlisteners:"],
  };
  for (const [name, [part, by]] of Object.entries(changes)) {
    test(name, () => {
      const changed = text.replace(part, by);
      assert.notEqual(changed, text);
      assert.ok(!isSameDesired(...readTwice(text, changed)));
    });
  }
});
