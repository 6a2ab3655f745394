/** What processes say together, and with the rest of the file. */
import { nearest } from "../../lib/edit-distance.ts";
import { findUser, readAccounts } from "../accounts.ts";
import { didYouMean } from "../diagnose.ts";
import { assignsPort } from "../process-ports.ts";
import type { Problem } from "../problem.ts";
import type { ProcessConfig } from "../schema/process.ts";
import type { RootConfig } from "../schema/root.ts";
import type { Path, ProblemDetails, Source } from "../source/source.ts";

type Report = (key: Path, rule: string, more?: ProblemDetails) => void;

/** All processes, in order. */
export function checkProcesses(config: RootConfig, source: Source): Problem[] {
  const problems: Problem[] = [];
  for (const [name, process] of Object.entries(config.processes)) {
    const report: Report = (key, rule, more) =>
      problems.push(source.problemAt(["processes", name, ...key], rule, more));
    checkName(name, config, report);
    checkReferences(name, process, config, report);
    checkReady(process, report);
    checkUser(process, report);
    const { ports, instances } = process;
    if (ports && ports.length > 0 && ports.length < instances) {
      report(["ports"], `there are ${ports.length} for ${instances} instances`);
    }
  }
  return [...problems, ...checkPorts(config, source)];
}

/** Names are said at the command line, where `all` is everything and `NAME.1` one instance, and
 * they are part of file names. */
function checkName(name: string, config: RootConfig, report: Report): void {
  if (name === "all") report([], 'can\'t be called "all": that means all of them', { atKey: true });
  if (name.includes("/")) report([], 'must have a name without "/"', { atKey: true });
  const other = /^(.+)\.\d+$/.exec(name)?.[1];
  if (other !== undefined && Object.hasOwn(config.processes, other)) {
    report([], `is also the name of an instance of ${other}`, { atKey: true });
  }
}

function checkReferences(
  name: string,
  process: ProcessConfig,
  config: RootConfig,
  report: Report,
): void {
  const { upstream } = process;
  if (upstream !== undefined && !Object.hasOwn(config.upstreams, upstream)) {
    const hint = didYouMean(nearest(upstream, Object.keys(config.upstreams)));
    report(["upstream"], "there is no such upstream", { hint, showGot: true });
  }
  process.depends_on.forEach((other, at) => {
    if (!Object.hasOwn(config.processes, other)) {
      const hint = didYouMean(nearest(other, Object.keys(config.processes)));
      report(["depends_on", at], "there is no such process", { hint, showGot: true });
      return;
    }
    const circle = circleThrough(name, other, config);
    if (circle) report(["depends_on", at], `is a circle: ${circle.join(" needs ")}`);
  });
}

/** The shortest way from `name` over `first` back to `name`; undefined where there is none. */
function circleThrough(name: string, first: string, config: RootConfig): string[] | undefined {
  const seen = new Set<string>([first]);
  const ways: string[][] = [[name, first]];
  for (let way = ways.shift(); way; way = ways.shift()) {
    const last = way.at(-1)!;
    if (last === name) return way;
    for (const next of config.processes[last]?.depends_on ?? []) {
      if (seen.has(next) && next !== name) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

function checkReady(process: ProcessConfig, report: Report): void {
  const { ready } = process;
  if (!ready) return;
  const kinds = (["http", "tcp", "command", "notify", "uptime"] as const).filter(
    (kind) => ready[kind] !== undefined,
  );
  if (kinds.length !== 1) {
    const got = kinds.length === 0 ? "it has none" : `it has ${kinds.join(" and ")}`;
    report(["ready"], `must have exactly one of http, tcp, command, notify, uptime; ${got}`);
    return;
  }
  const [kind] = kinds;
  if ((kind === "http" || kind === "tcp") && !assignsPort(process)) {
    report(["ready"], `${kind} needs a port to ask`, { hint: "add ports: auto" });
  }
}

function checkUser({ user }: ProcessConfig, report: Report): void {
  if (!user) return;
  const found = findUser(user, readAccounts());
  if (!found.ok) {
    report(["user"], found.problem);
    return;
  }
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0 || (found.uid === uid && found.gid === process.getegid?.())) return;
  report(["user"], `only root may run programs as somebody else; Evenkeel has the user id ${uid}`);
}

/** A port belongs to one: no two processes have the same, nor a process one of a listener's. */
function checkPorts(config: RootConfig, source: Source): Problem[] {
  const claims = new Map<number, { readonly host: string; readonly owner: string }[]>();
  const claim = (host: string, port: number, owner: string): string | undefined => {
    const of = claims.get(port) ?? [];
    const other = of.find((one) => overlap(one.host, host));
    if (!other) claims.set(port, [...of, { host, owner }]);
    return other?.owner;
  };
  claim(config.admin.bind.host, config.admin.bind.port, "admin");
  for (const [name, { bind }] of Object.entries(config.listeners)) {
    for (const { host, port } of bind) claim(host, port, `listener ${name}`);
  }
  return Object.entries(config.processes).flatMap(([name, { host, ports = [] }]) => {
    for (const port of ports) {
      const other = claim(host, port, `process ${name}`);
      if (other === undefined) continue;
      const rule = `${port} is already a port of ${other}`;
      return [source.problemAt(["processes", name, "ports"], rule)];
    }
    return [];
  });
}

/** One of them is the other, or all addresses of its kind. */
function overlap(one: string, other: string): boolean {
  return one === other || one === everywhere(other) || other === everywhere(one);
}

function everywhere(host: string): string {
  return host.includes(":") ? "::" : "0.0.0.0";
}
