/** Which process comes before which. */
import type { ProcessSettings } from "../snapshot/process-settings.ts";

type Ordered = Pick<ProcessSettings, "name" | "priority" | "dependsOn">;

/** Those that are needed come first; among what is free of each other the lower priority, and then
 * the order given. Who needs an unknown one, or is in a circle, comes as if it did not. */
export function startOrder<T extends Ordered>(processes: readonly T[]): T[] {
  const left = processes.toSorted((one, other) => one.priority - other.priority);
  const order: T[] = [];
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name));
    const free = left.findIndex(({ dependsOn }) => !dependsOn.some((other) => names.has(other)));
    order.push(...left.splice(Math.max(0, free), 1));
  }
  return order;
}

/** In which order they are stopped, together what may stop together: nobody before those who need
 * it, nobody with a lower priority before one with a higher. */
export function stopWaves<T extends Ordered>(processes: readonly T[]): T[][] {
  let left = [...processes];
  const waves: T[][] = [];
  while (left.length > 0) {
    const needed = new Set(left.flatMap(({ dependsOn }) => dependsOn));
    const free = left.filter(({ name }) => !needed.has(name));
    const some = free.length > 0 ? free : left;
    const highest = Math.max(...some.map(({ priority }) => priority));
    const wave = some.filter(({ priority }) => priority === highest);
    waves.push(wave);
    left = left.filter((process) => !wave.includes(process));
  }
  return waves;
}
