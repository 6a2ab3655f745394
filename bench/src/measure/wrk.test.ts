import assert from "node:assert/strict";
import { test } from "node:test";

import { parseWrk } from "./wrk.ts";

const REPORT = `Running 2s test @ http://127.0.0.1:24080/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.32ms    1.20ms  40.15ms   95.53%
    Req/Sec    53.75k     3.90k   60.16k    85.00%
  Latency Distribution
     50%    0.99ms
     75%    1.33ms
     90%    1.90ms
     99%  812.00us
  107006 requests in 2.00s, 21.43MB read
Requests/sec:  53489.12
Transfer/sec:     10.71MB
`;

test("reads counts, latencies and bytes in their units", () => {
  assert.deepEqual(parseWrk(REPORT), {
    requests: 107_006,
    requestsPerSecond: 53_489.12,
    bytes: 21.43 * 2 ** 20,
    p50Us: 990,
    p99Us: 812,
    errors: 0,
  });
});

test("adds up every kind of error", () => {
  const failed = `${REPORT}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\n`;
  assert.equal(parseWrk(failed).errors, 15);
});

test("a report without latencies has none", () => {
  assert.ok(Number.isNaN(parseWrk("").p99Us));
});
