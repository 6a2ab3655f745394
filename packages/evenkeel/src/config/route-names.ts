/** Names for routes that have none: what they match, as an operator would say it. */
import type { RouteConfig } from "./schema/route.ts";

/** One per route, in order, unique: the configured name, else "GET shop.example/api/" and the like,
 * numbered where several say the same. Configured names must be unique. */
export function nameRoutes(routes: readonly RouteConfig[]): string[] {
  const taken = new Set(routes.flatMap((route) => route.name ?? []));
  const repeated = new Map<string, number>();
  return routes.map((route) => {
    if (route.name !== undefined) return route.name;
    const made = describeRoute(route);
    let name = made;
    for (let number = repeated.get(made) ?? 1; taken.has(name);) {
      name = `${made} #${++number}`;
      repeated.set(made, number);
    }
    taken.add(name);
    return name;
  });
}

function describeRoute({ method, host, path }: RouteConfig): string {
  const methods = method ? `${method.join(",")} ` : "";
  const rest = host && host.length > 1 ? `+${host.length - 1}` : "";
  const sign = path?.kind === "exact" ? "=" : path?.kind === "regex" ? "~" : "";
  return `${methods}${host?.[0] ?? "*"}${rest}${sign}${path?.value ?? "/"}`;
}
