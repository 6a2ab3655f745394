/**
 * Every figure, in the order of the report.
 */
import { accessLog } from "./access-log.ts";
import { configChange } from "./config-change.ts";
import { cpu } from "./cpu.ts";
import type { Figure } from "./figure.ts";
import { healing } from "./healing.ts";
import { idleMemory } from "./idle-memory.ts";
import { large } from "./large.ts";
import { p99 } from "./p99.ts";
import { pick } from "./pick.ts";
import { routes } from "./routes.ts";
import { supervision } from "./supervision.ts";

/** All of them. */
export const allFigures: readonly Figure[] = [
  cpu,
  accessLog,
  large,
  p99,
  idleMemory,
  routes,
  pick,
  configChange,
  supervision,
  healing,
];
