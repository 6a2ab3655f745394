/** Which object a step acts on, given what its plan names and what fired. */
import type { ActionSettings } from "../snapshot/plan-settings.ts";
import type { Levers, ObjectFacts } from "./contract.ts";

/** What an action of a plan acts on. Processes as a whole are scaled and rolled back, whichever of
 * their instances fired. */
export function aimOf(action: ActionSettings, object: string, look: Levers["look"]): string {
  const target = "target" in action ? action.target : "";
  if (action.action !== "scale" && action.action !== "rollback") return aim(target, object, look);
  return target === "" ? (look(object)?.group ?? object) : target;
}

/** The smaller of the two where the object that fired is part of the target, so that a plan about a
 * process touches the one instance that is ill. An instance and the endpoint it serves at are known
 * for each other by their address. */
export function aim(target: string, object: string, look: Levers["look"]): string {
  if (target === "" || target === object) return object;
  const whole = look(target);
  if (whole?.kind !== "process" && whole?.kind !== "upstream") return target;
  const part = look(object);
  if (!part || part.kind === "process" || part.kind === "upstream") return target;
  if (part.group === target && sameFamily(whole, part)) return object;
  return partAt(target, whole, part, look) ?? target;
}

/** A process and an upstream may have the same name. */
function sameFamily(whole: ObjectFacts, part: ObjectFacts): boolean {
  return (whole.kind === "process") === (part.kind === "instance");
}

function partAt(
  target: string,
  whole: ObjectFacts,
  part: ObjectFacts,
  look: Levers["look"],
): string | undefined {
  const [at] = part.addresses;
  if (!at) return undefined;
  const names =
    whole.kind === "upstream"
      ? [`${target}/${addressOf(at)}`]
      : Array.from({ length: whole.instances ?? 0 }, (_, index) => `${target}.${index + 1}`);
  return names.find((name) =>
    look(name)?.addresses.some(({ host, port }) => host === at.host && port === at.port),
  );
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
