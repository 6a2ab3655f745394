/** What changes about processes, in an operator's words. */
import type { ProcessSettings } from "../snapshot/process-settings.ts";

/** Keys whose change asks for new instances. */
const born = {
  command: "command",
  cwd: "cwd",
  user: "user",
  env: "env",
  umask: "umask",
  host: "host",
  ports: "ports",
} as const;

const kept = {
  upstream: "upstream",
  weight: "weight",
  priority: "priority",
  dependsOn: "depends_on",
  autostart: "autostart",
  ready: "ready",
  restart: "restart",
  stop: "stop",
  memoryBytes: "memory",
  metricsPath: "metrics",
  logs: "logs",
} as const;

/** One line per change of one process; never a value of its environment. */
export function diffProcessSettings(before: ProcessSettings, after: ProcessSettings): string[] {
  const lines: string[] = [];
  if (before.instances !== after.instances) {
    lines.push(`instances ${before.instances} → ${after.instances}`);
  }
  const names: Partial<Record<keyof ProcessSettings, string>> = { ...born, ...kept };
  for (const key of Object.keys(names) as (keyof ProcessSettings)[]) {
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) {
      lines.push(`${names[key]} changed`);
    }
  }
  if (before.fingerprint !== after.fingerprint) {
    lines.push("its instances are replaced one by one");
  }
  return lines;
}
