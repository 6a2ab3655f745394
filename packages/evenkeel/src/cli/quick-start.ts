/** `evenkeel quick-start`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ProcessesDocument, InstanceDocument } from "../admin/process-document.ts";
import { quickStartConfig, type QuickStartPorts } from "../config/quick-start.ts";
import { run } from "../host/run.ts";
import { readVersion } from "../telemetry/version.ts";
import { type AdminClient, createAdminClient } from "./admin-client.ts";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

const LOOK_EVERY_MS = 100;

/** Starts three demo instances and a balancer before them, says what to try, and serves until
 * interrupted; the exit code is that of `run`. Its configuration is a temporary file that may be
 * edited; it is gone afterwards. */
export async function quickStart(terminal: Terminal, listening: QuickStartPorts): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-quick-start-"));
  const configFile = join(folder, "evenkeel.yaml");
  const text = quickStartConfig([process.execPath, demoInstance()], listening);
  writeFileSync(configFile, `${text}\nlog: { level: error }\n`);
  const ended = new AbortController();
  const up = (): void => void introduce(configFile, listening, terminal, ended.signal);
  try {
    return await run({ configFile, watch: true, up });
  } finally {
    ended.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for the instances, then says what there is. */
async function introduce(
  configFile: string,
  listening: QuickStartPorts,
  terminal: Terminal,
  ended: AbortSignal,
): Promise<void> {
  const url = `http://127.0.0.1:${listening.admin}`;
  const admin = createAdminClient({ url, tokenFile: undefined }, {});
  while (!ended.aborted) {
    const instances = await instancesAt(admin);
    if (ended.aborted) return;
    if (instances.length > 0 && instances.every(({ state }) => state === "READY")) {
      return terminal.print(introduction(instances, configFile, listening));
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** None while nobody answers: it may be ending, or its control is being replaced. */
async function instancesAt(admin: AdminClient): Promise<readonly InstanceDocument[]> {
  try {
    return ((await admin.get("/processes")) as ProcessesDocument).processes;
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

/** What runs where, and four things to try. */
export function introduction(
  instances: readonly Pick<InstanceDocument, "name" | "address" | "pid">[],
  configFile: string,
  listening: QuickStartPorts,
): string {
  const [, victim] = instances;
  const front = `http://127.0.0.1:${listening.web}`;
  const admin = `http://127.0.0.1:${listening.admin}`;
  const at = listening.admin === 9900 ? "" : ` --admin ${admin}`;
  const lines = instances.map(
    ({ name, address, pid }, index) =>
      `  ${(index === 0 ? `${front}  ->` : "").padEnd(front.length + 4)}` +
      `  ${(address ?? "").padEnd(15)}  ${name}, process ${pid}`,
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
  2. Kill an instance and ask again: no request fails, and a second later it is back.
       kill -9 ${victim?.pid ?? ""}; npx evenkeel ps${at}
  3. Let an instance hang, and watch a recovery plan replace it:
       npx evenkeel drill run freeze-one${at} && npx evenkeel incidents${at}
  4. Watch it all, or change the file above and save it:
       npx evenkeel status --watch${at}

Ctrl-C ends it.
`;
}

/** With the extension of this very file, in the checkout and published alike. */
function demoInstance(): string {
  const extension = import.meta.filename.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./demo-instance.${extension}`, import.meta.url));
}
