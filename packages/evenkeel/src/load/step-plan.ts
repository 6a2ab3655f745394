/** Which loads a run goes through. */

/** By how much the load grows from step to step. */
export type Growth =
  | { readonly kind: "add"; readonly by: number }
  | { readonly kind: "multiply"; readonly by: number };

const mostSteps = 1_000;

/** Reads "500" or "x1.5"; undefined for anything else and for what does not grow. */
export function parseGrowth(text: string): Growth | undefined {
  const found = /^(x?)(\d+(?:\.\d+)?)$/.exec(text);
  if (!found) return undefined;
  const by = Number(found[2]);
  if (found[1] === "x") return by > 1 ? { kind: "multiply", by } : undefined;
  return by > 0 ? { kind: "add", by } : undefined;
}

/** The loads from one to the other, both included, ascending; undefined for more than 1,000. */
export function planSteps(from: number, to: number, growth: Growth): number[] | undefined {
  const steps: number[] = [];
  let load = from;
  // A last step much nearer than the others would tell nothing new: 1 % is the same load.
  while (load < to * 0.99) {
    steps.push(load);
    if (steps.length >= mostSteps) return undefined;
    const next = growth.kind === "add" ? load + growth.by : Math.round(load * growth.by);
    if (next <= load) return undefined;
    load = next;
  }
  return [...steps, to];
}
