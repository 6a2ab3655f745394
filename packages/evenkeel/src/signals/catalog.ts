/** Who is there to be measured: upstreams, endpoints, routes and instances, and who is who. */
import { formatAddress } from "../lib/address.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { SignalSubject } from "./contract.ts";

/** An instance of a process, as signals need it; the supervisor's own view of one will do. */
export interface SignalInstance {
  /** `NAME.INDEX`. */
  readonly name: string;
  readonly process: string;
  /** One of the supervisor's words; signals know RUNNING, READY, DRAINING and STOPPING as up. */
  readonly state: string;
  readonly startedAtMs: number | undefined;
  readonly address: { readonly host: string; readonly port: number } | undefined;
  readonly upstream: string | undefined;
  readonly restarts: number;
  /** Share of one core. */
  readonly cpu: number | undefined;
  readonly memoryBytes: number | undefined;
}

/** One subject with what it is read by. */
export type Entry =
  | { readonly kind: "upstream"; readonly subject: SignalSubject; readonly slot: number }
  | { readonly kind: "endpoint"; readonly subject: SignalSubject; readonly slot: number }
  | { readonly kind: "route"; readonly subject: SignalSubject; readonly slot: number }
  | {
      readonly kind: "instance";
      readonly subject: SignalSubject;
      readonly instance: SignalInstance;
    };

/** Everybody, at one moment. */
export interface Catalog {
  readonly upstreams: readonly Entry[];
  readonly endpoints: readonly Entry[];
  readonly routes: readonly Entry[];
  readonly instances: readonly Entry[];
  /** Endpoints of that name, over all upstreams. */
  endpointsNamed(endpoint: string): readonly Entry[];
  /** Slots of the routes that lead to an upstream. */
  routesTo(upstream: string): readonly number[];
}

/** Notes who there is now. */
export function createCatalog(snapshot: Snapshot, instances: readonly SignalInstance[]): Catalog {
  const standing = new Map<string, SignalInstance>();
  for (const instance of instances) {
    if (instance.upstream === undefined || !instance.address) continue;
    standing.set(placeOf(instance.upstream, formatAddress(instance.address)), instance);
  }
  const routesTo = new Map<string, number[]>();
  for (const { action, slot } of snapshot.routes) {
    if (action.kind !== "forward") continue;
    const slots = routesTo.get(action.upstream);
    if (slots) slots.push(slot);
    else routesTo.set(action.upstream, [slot]);
  }
  const endpoints = snapshot.upstreams.flatMap(({ name: upstream, endpoints: members }) =>
    members.map(({ name: endpoint, slot }): Entry => {
      const instance = standing.get(placeOf(upstream, endpoint));
      const subject = { upstream, endpoint, ...(instance && instancePart(instance)) };
      return { kind: "endpoint", subject, slot };
    }),
  );
  let named: Map<string, Entry[]> | undefined;
  return {
    upstreams: snapshot.upstreams.map(({ name, slot }) => ({
      kind: "upstream",
      subject: { upstream: name },
      slot,
    })),
    endpoints,
    endpointsNamed(endpoint) {
      named ??= Map.groupBy(endpoints, ({ subject }) => subject.endpoint ?? "");
      return named.get(endpoint) ?? [];
    },
    routes: snapshot.routes.map(({ name, slot }) => ({
      kind: "route",
      subject: { route: name },
      slot,
    })),
    instances: instances.map((instance) => ({
      kind: "instance",
      subject: { ...endpointPart(instance), ...instancePart(instance) },
      instance,
    })),
    routesTo: (upstream) => routesTo.get(upstream) ?? [],
  };
}

function instancePart({ process, name }: SignalInstance): SignalSubject {
  return { process, instance: name };
}

/** Its endpoint, where it has one. */
function endpointPart({ upstream, address }: SignalInstance): SignalSubject {
  if (upstream === undefined) return {};
  return address ? { upstream, endpoint: formatAddress(address) } : { upstream };
}

function placeOf(upstream: string, endpoint: string): string {
  return `${upstream}\0${endpoint}`;
}
