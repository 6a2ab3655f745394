/** What is part of what. */
import type { SignalSubject } from "../signals/contract.ts";

const keys = ["upstream", "endpoint", "route", "process", "instance"] as const;

/** Whether everything `whole` names is the same in `part`: an upstream covers its endpoints, a process
 * its instances. A `whole` that names nothing covers all. */
export function covers(whole: SignalSubject, part: SignalSubject): boolean {
  return keys.every((key) => whole[key] === undefined || whole[key] === part[key]);
}
