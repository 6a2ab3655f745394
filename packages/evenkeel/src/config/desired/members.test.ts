import { test } from "node:test";
import assert from "node:assert/strict";
import { parseConfig } from "../load.ts";
import { SlotAllocator } from "../slots.ts";
import { withMembers, type MemberAddress } from "./members.ts";
import { toDesired } from "./to-desired.ts";
import type { Desired } from "../../snapshot/desired.ts";

const text = `
listeners: { web: "127.0.0.1:8080" }
routes: [{ upstream: api }]
upstreams:
  api: { endpoints: ["127.0.0.1:9001"], max_conns: 7, sticky: sid }
  other: { endpoints: ["127.0.0.1:9001"] }
`;

function build(members: readonly MemberAddress[] = []) {
  const loaded = parseConfig("e.yaml", text, { cores: 1 });
  assert.ok(loaded.ok);
  const slots = new SlotAllocator();
  const file = toDesired(loaded.config, slots, 1, members);
  return { file, slots: slots.checkpoint(), config: loaded.config };
}

const member = (port: number, upstream = "api"): MemberAddress => ({
  upstream,
  host: "127.0.0.1",
  port,
  weight: 3,
});

const names = (desired: Desired, upstream: string): string[] =>
  desired.snapshot.upstreams.find(({ name }) => name === upstream)!.endpoints.map((e) => e.name);

test("members come after the file's endpoints, with the upstream's defaults", () => {
  const { file, slots } = build();
  const { desired } = withMembers(file, slots, [member(9101), member(9102)], 2);
  assert.deepEqual(names(desired, "api"), ["127.0.0.1:9001", "127.0.0.1:9101", "127.0.0.1:9102"]);
  const added = desired.snapshot.upstreams[0]!.endpoints[1]!;
  assert.equal(added.maxConns, 7);
  assert.equal(added.weight, 3);
  assert.notEqual(added.stickyId, "");
  assert.equal(desired.snapshot.version, 2);
  assert.deepEqual(desired.health[0]!.endpoints, desired.snapshot.upstreams[0]!.endpoints);
});

test("an upstream without members is left as it is, one with members gets another fingerprint", () => {
  const { file, slots } = build();
  const { desired } = withMembers(file, slots, [member(9101)], 2);
  assert.notEqual(
    desired.snapshot.upstreams[0]!.fingerprint,
    file.snapshot.upstreams[0]!.fingerprint,
  );
  assert.equal(desired.snapshot.upstreams[1], file.snapshot.upstreams[1]);
});

test("an address the file names itself, and an unknown upstream, change nothing", () => {
  const { file, slots } = build();
  const { desired } = withMembers(file, slots, [member(9001), member(9101, "nowhere")], 2);
  assert.deepEqual(desired.snapshot.upstreams, file.snapshot.upstreams);
});

test("rows stay with what stays, whoever comes and goes", () => {
  const { file, slots } = build();
  const first = withMembers(file, slots, [member(9101), member(9102)], 2);
  const slotOf = (desired: Desired, name: string): number =>
    desired.snapshot.upstreams[0]!.endpoints.find((endpoint) => endpoint.name === name)!.slot;
  const second = withMembers(file, first.slots, [member(9102), member(9103)], 3);
  assert.equal(slotOf(second.desired, "127.0.0.1:9102"), slotOf(first.desired, "127.0.0.1:9102"));
  assert.equal(slotOf(second.desired, "127.0.0.1:9001"), slotOf(first.desired, "127.0.0.1:9001"));
  const all = second.desired.snapshot.upstreams.flatMap(({ endpoints }) =>
    endpoints.map(({ slot }) => slot),
  );
  assert.equal(new Set(all).size, all.length);
});

test("reading the file again keeps the rows of members", () => {
  const { file, slots, config } = build();
  const first = withMembers(file, slots, [member(9101)], 2);
  const again = new SlotAllocator(first.slots);
  const read = toDesired(config, again, 3, [member(9101)]);
  const second = withMembers(read, again.checkpoint(), [member(9101)], 3);
  assert.deepEqual(second.desired.snapshot.upstreams, first.desired.snapshot.upstreams);
});
