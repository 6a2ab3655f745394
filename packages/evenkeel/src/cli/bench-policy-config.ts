/** Configurations that differ in one upstream's policy only, made of a user's file. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { parse, stringify } from "yaml";

import { parseConfig } from "../config/load.ts";
import { formatProblems } from "../config/problem.ts";
import { readDesired } from "./check.ts";
import { Failure } from "./failure.ts";

/** Those compared where none are named: they need no settings, and spread the requests of a single
 * client. */
export const usualPolicies = [
  "round_robin",
  "random",
  "least_conn",
  "two_choices",
  "least_time",
] as const;

/** What of a file concerns traffic. The rest (processes, alerts, recovery plans, drills, …) acts on
 * the world, where the user's own Evenkeel may be at work. */
const keptSections = [
  "listeners",
  "routes",
  "upstreams",
  "workers",
  "timeouts",
  "limits",
  "trusted_proxies",
  "access_log",
  "via_name",
  "sticky_secret",
  "sticky_secret_file",
] as const;

/** A user's file, and what is to be varied in it. */
export interface PolicyBase {
  readonly file: string;
  /** Top-level sections as written, those that are kept. */
  readonly sections: Readonly<Record<string, unknown>>;
  readonly upstream: string;
  /** The policy that the file has. */
  readonly configured: string;
  readonly listener: string;
}

/** Reads and checks the file; throws a `Failure` for what is wrong with it, or with the names. */
export function readPolicyBase(
  file: string,
  names: { readonly upstream: string | undefined; readonly listener: string | undefined },
): PolicyBase {
  const { snapshot } = readDesired(file).desired;
  const written = parse(readFileSync(file, "utf8"), { merge: true }) as Record<string, unknown>;
  const sections: Record<string, unknown> = {};
  for (const key of keptSections) {
    if (written[key] !== undefined) sections[key] = written[key];
  }
  const folder = dirname(resolve(file));
  const secretFile = sections["sticky_secret_file"];
  if (typeof secretFile === "string") sections["sticky_secret_file"] = resolve(folder, secretFile);
  // The log costs what it costs, but is not the user's.
  const log = sections["access_log"];
  if (isMap(log)) sections["access_log"] = { ...log, path: "access.log" };
  const upstream = choose(
    "upstream",
    names.upstream,
    snapshot.upstreams.map(({ name }) => name),
  );
  const listener = choose(
    "listener",
    names.listener ?? snapshot.listeners[0]?.name,
    snapshot.listeners.map(({ name }) => name),
  );
  const { balance } = snapshot.upstreams.find(({ name }) => name === upstream)!;
  return { file, sections, upstream, listener, configured: balance.policy };
}

/** The policies to compare: those that are named, or the usual ones and the file's own. */
export function policiesOf(words: string | undefined, base: PolicyBase): string[] {
  if (words === undefined) return [...new Set([...usualPolicies, base.configured])];
  const named = words
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  if (named.length === 0)
    throw new Failure(2, "--policies wants names, such as round_robin,least_conn");
  return [...new Set(named)];
}

/** The ports of one Evenkeel. */
export interface PolicyPorts {
  readonly admin: number;
  /** By listener. */
  readonly listeners: Readonly<Record<string, number>>;
}

/** Names of the file's listeners. */
export function listenerNames({ sections }: PolicyBase): string[] {
  const { listeners } = sections as { listeners?: unknown };
  return isMap(listeners) ? Object.keys(listeners) : [];
}

/** The text of a configuration with that policy. The file's own policy keeps its settings. */
export function policyConfig(base: PolicyBase, policy: string, ports: PolicyPorts): string {
  const { sections, upstream } = base;
  const upstreams = sections["upstreams"] as Record<string, Record<string, unknown>>;
  const listeners = sections["listeners"] as Record<string, unknown>;
  const balance = policy === base.configured ? upstreams[upstream]?.["balance"] : policy;
  return stringify({
    ...sections,
    listeners: Object.fromEntries(
      Object.entries(listeners).map(([name, listener]) => [
        name,
        { ...(isMap(listener) ? listener : {}), bind: `127.0.0.1:${ports.listeners[name]}` },
      ]),
    ),
    upstreams: {
      ...upstreams,
      [upstream]: { ...upstreams[upstream], ...(balance === undefined ? {} : { balance }) },
    },
    admin: { bind: `127.0.0.1:${ports.admin}` },
    log: { level: "warn" },
  });
}

/** Throws a `Failure` where Evenkeel would refuse the text, such as for an unknown policy. */
export function checkPolicyConfig(base: PolicyBase, policy: string, text: string): void {
  const parsed = parseConfig(base.file, text);
  if (parsed.ok) return;
  throw new Failure(
    2,
    `${base.file} can't be run with the policy "${policy}" for the upstream ${base.upstream}`,
    formatProblems(parsed.problems),
  );
}

function choose(what: string, named: string | undefined, all: readonly string[]): string {
  if (named === undefined) {
    const [only, ...others] = all;
    if (only !== undefined && others.length === 0) return only;
    throw new Failure(2, `say which ${what} with --${what}: ${all.join(", ") || "there is none"}`);
  }
  if (all.includes(named)) return named;
  throw new Failure(2, `there is no ${what} "${named}"; there are: ${all.join(", ") || "none"}`);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
