/** Endpoints that are Evenkeel itself. */
import { formatAddress, isLoopback, type Address } from "../../lib/address.ts";
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { Source } from "../source/source.ts";

/** All upstreams, in order. Only addresses that are surely this machine's are known. */
export function warnOfLoops(config: Config, source: Source): Problem[] {
  const own = Object.entries(config.listeners).flatMap(([name, { bind }]) =>
    bind.map((address) => ({ name: `listener ${name}`, address })),
  );
  own.push({ name: "admin", address: config.admin });
  return Object.entries(config.upstreams).flatMap(([name, { endpoints }]) =>
    endpoints.flatMap(({ address }, at) => {
      const found = own.find((one) => reaches(address, one.address));
      if (!found) return [];
      const rule = `${address.name} is Evenkeel's own ${found.name} (${formatAddress(found.address)})`;
      return [source.problemAt(["upstreams", name, "endpoints", at, "address"], rule)];
    }),
  );
}

/** Whether who connects to `to` is surely accepted by who listens on `bound`. */
function reaches(to: Address, bound: Address): boolean {
  if (to.port !== bound.port) return false;
  const host = to.host.toLowerCase();
  if (host === bound.host) return true;
  const isEverywhere = bound.host === "0.0.0.0" || bound.host === "::";
  if (isEverywhere) return isLoopback(host) || host === bound.host;
  return host === "localhost" && isLoopback(bound.host);
}
