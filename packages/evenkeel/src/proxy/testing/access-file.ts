/** An access log in a file of its own, for tests that read what was logged. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Snapshot } from "../../snapshot/snapshot.ts";

/** A line of it, as far as tests look at it. */
export interface AccessLine {
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly protocol: string;
  readonly status: number;
  readonly reason: string;
  readonly bytes_sent: number;
  readonly user_agent: string;
  readonly [field: string]: unknown;
}

/** Goes into a snapshot as `accessLog`; `using` removes it. */
export class AccessFile {
  readonly settings: NonNullable<Snapshot["accessLog"]>;
  readonly #folder = mkdtempSync(join(tmpdir(), "evenkeel-access-"));

  constructor() {
    const path = join(this.#folder, "access.log");
    this.settings = { format: "json", path, serviceName: "test" };
  }

  /** The lines written so far: complete once the proxy has drained. */
  get lines(): AccessLine[] {
    const { path } = this.settings;
    if (!existsSync(path)) return [];
    const written = readFileSync(path, "utf8").split("\n");
    return written.filter(Boolean).map((line) => JSON.parse(line) as AccessLine);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
