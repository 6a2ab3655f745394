/** How an action is reverted: plain data, made before it is done. */
import type { ActionSettings } from "../snapshot/plan-settings.ts";
import type { ObjectFacts } from "./contract.ts";

export type Undo =
  | { readonly kind: "drain" | "undrain" | "restore"; readonly object: string }
  | { readonly kind: "weight"; readonly object: string; readonly weight: number | null }
  | { readonly kind: "scale"; readonly object: string; readonly instances: number };

/** Back to what the object is now; undefined where the action changes nothing or can't be undone. */
export function undoOf(
  { action }: ActionSettings,
  object: string,
  facts: ObjectFacts,
): Undo | undefined {
  switch (action) {
    case "drain":
      return facts.drained ? undefined : { kind: "undrain", object };
    case "undrain":
      return facts.drained ? { kind: "drain", object } : undefined;
    case "eject":
      return facts.ejected ? undefined : { kind: "restore", object };
    case "set_weight":
      return { kind: "weight", object, weight: facts.weight ?? null };
    case "scale":
      return facts.instances === undefined
        ? undefined
        : { kind: "scale", object, instances: facts.instances };
    case "restart_service":
    case "rollback":
    case "verify_health":
    case "verify":
    case "run":
    case "http":
    case "wait":
    case "notify":
    case "approve":
      return undefined;
  }
}

/** Such as `undrain api.1`. */
export function undoInWords(undo: Undo): string {
  if (undo.kind === "weight") return `weight of ${undo.object} back to ${undo.weight ?? "its own"}`;
  if (undo.kind === "scale") return `${undo.object} back to ${undo.instances} instances`;
  return `${undo.kind} ${undo.object}`;
}
