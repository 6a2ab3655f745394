/** Times in which nothing is sent. */
import { Cron } from "croner";
import type { MaintenanceSettings } from "../snapshot/alert-settings.ts";
import { matches, type Labels } from "./labels.ts";

/** Whether a window is open, and until when that is so; it was so since `fromMs` at least. */
export interface WindowState {
  readonly open: boolean;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** How the window stands at a time. One by cron begins when the clocks of its time zone say so and
 * lasts as long as it says whatever they do meanwhile; where its beginning is skipped by the clocks
 * it begins with the next time there is. */
export function windowAt(
  { window }: Pick<MaintenanceSettings, "window">,
  atMs: number,
): WindowState {
  if ("fromMs" in window) {
    const { fromMs, toMs } = window;
    if (atMs < fromMs) return { open: false, fromMs: -Infinity, untilMs: fromMs };
    const open = atMs < toMs;
    return open ? { open, fromMs, untilMs: toMs } : { open, fromMs: toMs, untilMs: Infinity };
  }
  const { cron, timezone, durationMs } = window;
  // The first beginning that would still last; from the second after, as croner counts seconds.
  const begin = new Cron(cron, { timezone }).nextRun(new Date(atMs - durationMs))?.getTime();
  const open = begin !== undefined && begin <= atMs;
  return { open, fromMs: atMs, untilMs: open ? begin + durationMs : (begin ?? Infinity) };
}

/** Windows over time; what it takes to find out is done only when something may have changed. */
export interface Maintenance {
  /** The first window that is open for these labels; undefined for none. */
  nameOf(labels: Labels, atMs: number): string | undefined;
}

/** Over these windows. */
export function createMaintenance(windows: readonly MaintenanceSettings[]): Maintenance {
  const states = new Map<MaintenanceSettings, WindowState>();
  const isOpen = (window: MaintenanceSettings, atMs: number): boolean => {
    let state = states.get(window);
    if (!state || atMs < state.fromMs || atMs >= state.untilMs) {
      state = windowAt(window, atMs);
      states.set(window, state);
    }
    return state.open;
  };
  return {
    nameOf: (labels, atMs) =>
      windows.find((window) => matches(window.match, labels) && isOpen(window, atMs))?.name,
  };
}
