/** What every kind of check must do, run against a way to bring about each outcome. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../../../test/support/wait-for.ts";
import type { Probe, ProbeRequest, ProbeResult } from "../probes/probe.ts";

/** A place to check, and proof that a check has let go of it. */
export interface Scene extends AsyncDisposable {
  readonly request: ProbeRequest;
  /** Resolves once the check has reached the place. */
  reached(): Promise<unknown>;
  /** What the check still holds on to: sockets, processes. */
  held(): number | Promise<number>;
}

/** How to bring about each outcome; `silent` never answers. */
export interface Scenes {
  passing(): Promise<Scene>;
  failing(): Promise<Scene>;
  silent(timeoutMs: number): Promise<Scene>;
}

/** Runs the suite for one kind of check. */
export function describeProbeContract(name: string, probe: Probe, scenes: Scenes): void {
  const settled = async (scene: Scene, result: ProbeResult): Promise<ProbeResult> => {
    assert.ok(result.tookMs >= 0 && Number.isFinite(result.tookMs));
    assert.match(result.detail, /^[^\n]+[^.\n]$/u, "one sentence, no full stop");
    await waitFor("everything let go", async () => (await scene.held()) === 0);
    return result;
  };
  const never = (): AbortSignal => new AbortController().signal;

  describe(`the contract of checks: ${name}`, () => {
    test("passes", async () => {
      await using scene = await scenes.passing();
      const result = await settled(scene, await probe(scene.request, never()));
      assert.equal(result.verdict, "passed", result.detail);
    });
    test("fails", async () => {
      await using scene = await scenes.failing();
      const result = await settled(scene, await probe(scene.request, never()));
      assert.equal(result.verdict, "failed", result.detail);
    });
    test("times out and lets go", async () => {
      await using scene = await scenes.silent(150);
      const result = await settled(scene, await probe(scene.request, never()));
      assert.deepEqual([result.verdict, result.detail], ["failed", "no answer within 0.15s"]);
      assert.ok(result.tookMs >= 145 && result.tookMs < 2000, `${result.tookMs} ms`);
    });
    test("is cancelled under way and lets go", async () => {
      await using scene = await scenes.silent(60_000);
      const controller = new AbortController();
      const running = probe(scene.request, controller.signal);
      await scene.reached();
      controller.abort();
      const result = await settled(scene, await running);
      assert.deepEqual([result.verdict, result.detail], ["unknown", "cancelled"]);
    });
    test("does not begin when cancelled before", async () => {
      await using scene = await scenes.passing();
      const result = await settled(scene, await probe(scene.request, AbortSignal.abort()));
      assert.equal(result.verdict, "unknown");
    });
  });
}
