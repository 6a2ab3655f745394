/** `evenkeel quick-start`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quickStartConfig, type QuickStartPorts } from "../config/quick-start.ts";
import { run } from "../host/run.ts";
import { readVersion } from "../telemetry/version.ts";
import { startDemoInstances, type DemoInstance } from "./demo-instances.ts";
import type { Terminal } from "./terminal.ts";

const names = ["A", "B", "C"] as const;

/** Starts three demo instances and a balancer before them, says what to try, and serves until
 * interrupted; the exit code is that of `run`. Its configuration is a temporary file that may be
 * edited; it is gone afterwards. */
export async function quickStart(terminal: Terminal, listening: QuickStartPorts): Promise<number> {
  const { print } = terminal;
  const instances = await startDemoInstances(
    names,
    ({ name, pid }, backAfterMs) =>
      print(`  instance ${name} (process ${pid}) died; it is back in ${backAfterMs / 1000} s`),
    ({ name, pid }) => print(`  instance ${name} is back as process ${pid}`),
  );
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-quick-start-"));
  const configFile = join(folder, "evenkeel.yaml");
  const ports = instances.list().map(({ port }) => port);
  writeFileSync(configFile, `${quickStartConfig(ports, listening)}\nlog: { level: error }\n`);
  try {
    const up = (): void => print(introduction(instances.list(), configFile, listening));
    return await run({ configFile, watch: true, up });
  } finally {
    instances.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What runs where, and three things to try. */
export function introduction(
  instances: readonly DemoInstance[],
  configFile: string,
  listening: QuickStartPorts,
): string {
  const [, victim] = instances;
  const front = `http://127.0.0.1:${listening.web}`;
  const admin = `http://127.0.0.1:${listening.admin}`;
  const lines = instances.map(
    ({ name, port, pid }, index) =>
      `  ${(index === 0 ? `${front}  ->` : "").padEnd(front.length + 4)}` +
      `  127.0.0.1:${String(port).padEnd(5)}  instance ${name}, process ${pid}`,
  );
  return `
Evenkeel ${readVersion()}: three instances of a demo service, and a balancer before them

${lines.join("\n")}

  status   ${admin}/status
  metrics  ${admin}/metrics
  file     ${configFile}

Try in another terminal:

  1. See the requests go round:
       for i in 1 2 3 4 5 6; do curl -s ${front}/; done
  2. Kill an instance and ask again: no request fails. (Here it comes back after three
     seconds, by the quick start's own doing: Evenkeel does not supervise processes yet.)
       kill -9 ${victim?.pid ?? ""}
  3. Watch it all, or change the file above and save it:
       npx evenkeel status --watch${listening.admin === 9900 ? "" : ` --admin ${admin}`}

Ctrl-C ends it.
`;
}
