/** The real Alertmanager, and what it posts to a webhook. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  judgeWebhookV4,
  startReceiver,
  type FakeReceiver,
} from "../../../packages/evenkeel/src/alerts/testing/fake-receivers.ts";
import { freePort } from "../../support/free-port.ts";
import { waitFor } from "../../support/wait-for.ts";

/** Whether it is installed; see scripts/install-peers.sh. */
export function hasAlertmanager(): boolean {
  return spawnSync("prometheus-alertmanager", ["--version"]).status === 0;
}

/** How its one group is told. Milliseconds. */
export interface AlertmanagerTimes {
  readonly waitMs: number;
  readonly intervalMs: number;
  readonly repeatMs: number;
}

/** What it posts, as far as tests look into it. */
export interface Posted {
  readonly status: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly fingerprint: string;
  }[];
}

/** A running one whose only receiver is a webhook of ours; `await using` ends both. */
export class Alertmanager {
  readonly url: string;
  readonly hook: FakeReceiver;
  readonly #child: ChildProcess;
  readonly #dir: string;

  private constructor(url: string, hook: FakeReceiver, child: ChildProcess, dir: string) {
    this.url = url;
    this.hook = hook;
    this.#child = child;
    this.#dir = dir;
  }

  static async start(times: AlertmanagerTimes): Promise<Alertmanager> {
    const dir = mkdtempSync(join(tmpdir(), "evenkeel-alertmanager-"));
    const hook = await startReceiver(judgeWebhookV4, { status: 200, body: "" });
    const file = join(dir, "alertmanager.yml");
    const { waitMs, intervalMs, repeatMs } = times;
    const group = `group_by: [upstream], group_wait: ${waitMs}ms, group_interval: ${intervalMs}ms, repeat_interval: ${repeatMs}ms`;
    writeFileSync(
      file,
      `route: { receiver: hook, ${group} }
receivers: [{ name: hook, webhook_configs: [{ url: "${hook.url}/hook", send_resolved: true }] }]
`,
    );
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(
      "prometheus-alertmanager",
      [
        `--config.file=${file}`,
        `--storage.path=${join(dir, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
        "--log.level=error",
      ],
      { stdio: "ignore" },
    );
    const alertmanager = new Alertmanager(url, hook, child, dir);
    const isReady = async (): Promise<boolean> => (await fetch(`${url}/-/ready`)).ok;
    await waitFor("Alertmanager", isReady, { withinMs: 10_000 });
    return alertmanager;
  }

  /** Everything it posted so far. */
  posted(): Posted[] {
    return this.hook.got.map(({ body }) => JSON.parse(body) as Posted);
  }

  /** The alerts it knows of as active, by name. */
  async active(): Promise<Readonly<Record<string, string>>[]> {
    const response = await fetch(`${this.url}/api/v2/alerts?active=true`);
    const alerts = (await response.json()) as { labels: Record<string, string> }[];
    return alerts.map(({ labels }) => labels);
  }

  /** Sets one alert as its clients do: firing, or ended now. */
  async set(labels: Readonly<Record<string, string>>, firing: boolean): Promise<void> {
    const now = Date.now();
    const startsAt = new Date(firing ? now : now - 1).toISOString();
    const endsAt = new Date(firing ? now + 60_000 : now).toISOString();
    const body = JSON.stringify([{ labels, startsAt, endsAt }]);
    const headers = { "content-type": "application/json" };
    await fetch(`${this.url}/api/v2/alerts`, { method: "POST", headers, body });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => {
      this.#child.once("exit", resolve);
    });
    this.#child.kill();
    await ended;
    await this.hook.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** What `amtool` says who is told of alerts with these labels, by routes that end at the first that
 * matches. */
export function amtoolRoute(
  routes: readonly { readonly match: Readonly<Record<string, string>>; readonly name: string }[],
  labels: Readonly<Record<string, string>>,
): string {
  const dir = mkdtempSync(join(tmpdir(), "evenkeel-amtool-"));
  const file = join(dir, "alertmanager.yml");
  const names = ["nobody", ...routes.map(({ name }) => name)];
  const config = {
    route: {
      receiver: "nobody",
      routes: routes.map(({ match, name }) => ({
        receiver: name,
        matchers: Object.entries(match).map(
          ([label, value]) => `${label}=${JSON.stringify(value)}`,
        ),
      })),
    },
    receivers: names.map((name) => ({ name })),
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const words = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  const run = spawnSync("amtool", ["config", "routes", "test", `--config.file=${file}`, ...words], {
    encoding: "utf8",
  });
  rmSync(dir, { recursive: true, force: true });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout.trim();
}
