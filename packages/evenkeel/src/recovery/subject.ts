/** Subjects of signals as objects that plans act on, and back. */
import type { SignalSubject } from "../signals/contract.ts";
import type { ObjectFacts } from "./contract.ts";

/** The narrowest thing the subject names; empty where it names none (a route, or nothing). */
export function objectOf(subject: SignalSubject): string {
  const { instance, endpoint, upstream, process } = subject;
  if (instance !== undefined) return instance;
  if (endpoint !== undefined && upstream !== undefined) return `${upstream}/${endpoint}`;
  return process ?? upstream ?? "";
}

/** The subject by what lasts: an instance is at another endpoint after a restart. */
export function lasting(subject: SignalSubject): SignalSubject {
  if (subject.instance === undefined || subject.endpoint === undefined) return subject;
  const { endpoint: _, ...rest } = subject;
  return rest;
}

/** What signals about an object are asked for; nothing where there is no such object. */
export function subjectOf(object: string, facts: ObjectFacts | undefined): SignalSubject {
  if (!facts) return {};
  switch (facts.kind) {
    case "process":
      return { process: object };
    case "instance":
      return { process: facts.group, instance: object };
    case "upstream":
      return { upstream: object };
    case "endpoint":
      return { upstream: facts.group, endpoint: object.slice(facts.group.length + 1) };
  }
}
