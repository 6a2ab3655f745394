/** What plans, drills and operators name: processes, instances, upstreams and endpoints. */
import { formatAddress } from "../lib/address.ts";
import type { EndpointHealth } from "../health/contract.ts";
import type { InstanceView } from "../processes/contract.ts";
import type { ObjectFacts } from "../recovery/contract.ts";

/** What is there now. */
export interface Present {
  readonly endpoints: readonly EndpointHealth[];
  readonly instances: readonly InstanceView[];
  /** Names of processes, with or without instances. */
  readonly processes: readonly string[];
  readonly upstreams: readonly string[];
}

/** One object with what it stands for. */
export interface FoundObject {
  readonly kind: ObjectFacts["kind"];
  /** The upstream or process it is one of; itself where it is a whole. */
  readonly group: string;
  readonly endpoints: readonly EndpointHealth[];
  readonly instances: readonly InstanceView[];
}

/** What a name stands for: `UPSTREAM/ADDRESS`, `PROCESS.INDEX`, a process, or an upstream; undefined
 * where there is no such thing. A process comes before an upstream of the same name. */
export function findObject(name: string, present: Present): FoundObject | undefined {
  const endpoint = present.endpoints.find((one) => endpointName(one) === name);
  if (endpoint) {
    const instances = present.instances.filter((one) => isSame(one, endpoint));
    return { kind: "endpoint", group: endpoint.upstream, endpoints: [endpoint], instances };
  }
  const instance = present.instances.find((one) => one.name === name);
  if (instance) {
    const endpoints = present.endpoints.filter((one) => isSame(instance, one));
    return { kind: "instance", group: instance.process, endpoints, instances: [instance] };
  }
  if (present.processes.includes(name)) {
    const instances = present.instances.filter(({ process }) => process === name);
    const endpoints = present.endpoints.filter((one) => instances.some((i) => isSame(i, one)));
    return { kind: "process", group: name, endpoints, instances };
  }
  if (!present.upstreams.includes(name)) return undefined;
  const endpoints = present.endpoints.filter(({ upstream }) => upstream === name);
  const instances = present.instances.filter(({ upstream }) => upstream === name);
  return { kind: "upstream", group: name, endpoints, instances };
}

/** How the object stands within its group. An instance is out while it is not ready or its endpoint
 * takes no traffic; who counts must count both. */
export function factsOf(found: FoundObject, present: Present): ObjectFacts {
  const whole = found.kind === "process" || found.kind === "upstream";
  const group = whole ? found : findGroup(found, present);
  const outs = memberOuts(group);
  const own = memberOuts(found);
  const [first] = found.endpoints;
  return {
    kind: found.kind,
    group: found.group,
    total: outs.length,
    out: outs.filter(Boolean).length,
    isOut: own.length > 0 && own.every(Boolean),
    starting: startingOf(found),
    weight: whole ? undefined : first?.operatorWeight,
    drained: found.endpoints.length > 0 && found.endpoints.every(isState("draining")),
    ejected: found.endpoints.length > 0 && found.endpoints.every(isState("ejected_by_operator")),
    instances: found.kind === "process" ? found.instances.length : undefined,
    addresses: addressesOf(found),
  };
}

/** `UPSTREAM/ADDRESS`. */
export function endpointName({
  upstream,
  endpoint,
}: Pick<EndpointHealth, "upstream" | "endpoint">): string {
  return `${upstream}/${endpoint}`;
}

/** All names by which an object is known, its own first: an instance is the endpoint that stands for
 * it as well, and an upstream the instances among its members. */
export function namesOf(
  object: string,
  instances: readonly Pick<InstanceView, "name" | "upstream" | "address">[],
): readonly string[] {
  const names = [object];
  for (const { name, upstream, address } of instances) {
    if (upstream === undefined) continue;
    const endpoint = address && endpointName({ upstream, endpoint: formatAddress(address) });
    if (object === upstream || object === endpoint) names.push(name);
    else if (object === name && endpoint !== undefined) names.push(endpoint);
  }
  return names;
}

/** Whether the endpoint stands for the instance. */
export function isSame(
  { upstream, address }: Pick<InstanceView, "upstream" | "address">,
  endpoint: Pick<EndpointHealth, "upstream" | "endpoint">,
): boolean {
  if (!address || upstream !== endpoint.upstream) return false;
  return formatAddress(address) === endpoint.endpoint;
}

function findGroup(found: FoundObject, present: Present): FoundObject {
  if (found.kind === "instance") return findObject(found.group, present)!;
  const endpoints = present.endpoints.filter(({ upstream }) => upstream === found.group);
  return { kind: "upstream", group: found.group, endpoints, instances: [] };
}

/** One entry per instance where there are any, else per endpoint: whether it is out. */
function memberOuts(found: FoundObject): boolean[] {
  return membersOf(found).map(isOut);
}

interface Member {
  readonly instance: InstanceView | undefined;
  readonly endpoint: EndpointHealth | undefined;
}

function membersOf({ kind, endpoints, instances }: FoundObject): Member[] {
  if (kind === "endpoint" || kind === "upstream") {
    return endpoints.map((endpoint) => {
      return { endpoint, instance: instances.find((one) => isSame(one, endpoint)) };
    });
  }
  return instances.map((instance) => {
    return { instance, endpoint: endpoints.find((one) => isSame(instance, one)) };
  });
}

function isOut({ instance, endpoint }: Member): boolean {
  if (endpoint && takesNothing(endpoint)) return true;
  if (!instance) return false;
  return instance.state !== "READY" && (!!instance.upstream || instance.state !== "RUNNING");
}

/** Undefined where nothing is out, or something is that is not about to come. */
function startingOf(found: FoundObject): ObjectFacts["starting"] {
  const starts = membersOf(found).filter(isOut).map(startOf);
  if (starts.length === 0 || starts.includes(undefined)) return undefined;
  return starts.includes("again") ? "again" : "first";
}

function startOf({ instance, endpoint }: Member): ObjectFacts["starting"] {
  if (instance?.state === "STARTING") {
    return instance.restarts === 0 && !instance.lastExit ? "first" : "again";
  }
  // Ready, or not ours: it waits for the first word of its check.
  return endpoint?.state === "probing" ? "first" : undefined;
}

const takesNothing = ({ state }: EndpointHealth): boolean =>
  state !== "healthy" && state !== "warming";

const isState =
  (wanted: EndpointHealth["state"]) =>
  ({ state }: EndpointHealth): boolean =>
    state === wanted;

function addressesOf({ instances, endpoints }: FoundObject): ObjectFacts["addresses"] {
  const own = instances.flatMap(({ address }) => (address ? [address] : []));
  if (own.length > 0) return own;
  return endpoints.map(({ endpoint }) => {
    const colon = endpoint.lastIndexOf(":");
    const host = endpoint.slice(0, colon).replaceAll(/[[\]]/g, "");
    return { host, port: Number(endpoint.slice(colon + 1)) };
  });
}
