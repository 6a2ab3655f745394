/** What other balancers would fill in or expand, and Evenkeel takes as it is written. */
import { nearest } from "../../lib/edit-distance.ts";
import { placeholderNames, unknownPlaceholders } from "../../lib/placeholders.ts";
import type { Config } from "../config.ts";
import { didYouMean } from "../diagnose.ts";
import type { Problem } from "../problem.ts";
import type { RouteConfig } from "../schema/route.ts";
import { isSecret } from "../source/secrets.ts";
import type { Path, Source } from "../source/source.ts";

/** Variables of nginx and fetches of HAProxy. */
const variable =
  /\$\{?((?:remote|binary_remote|http|host|hostname|proxy|request|scheme|server|ssl|upstream|uri|args?|cookie|time|connection)(?:_[a-z0-9_]+)?)\}?(?![a-z0-9_])|%\[[^\]]*\]/;
const meant: Readonly<Record<string, string>> = {
  remote_addr: "client_address",
  proxy_add_x_forwarded_for: "client_address",
  binary_remote_addr: "client_address",
  request_id: "request_id",
  host: "host",
  http_host: "host",
  server_name: "host",
  "%[src]": "client_address",
};

/** All routes, in order. */
export function warnOfForeignNotation(config: Config, source: Source): Problem[] {
  return config.routes.flatMap((route, at) => {
    const values = [...headerValues(route)].flatMap(({ key, value }) => {
      // The message quotes a part of the value.
      const found = isSecret(key) ? undefined : describeValue(value);
      return found ? [source.problemAt(["routes", at, ...key], found.rule, found)] : [];
    });
    if (route.path?.kind === "regex" || !route.path?.value.includes("*")) return values;
    const rule = "an asterisk in a path stands for itself";
    const hint = "a prefix holds everything below it; for patterns there is path.regex";
    return [...values, source.problemAt(["routes", at, "path"], rule, { hint })];
  });
}

function* headerValues(route: RouteConfig): Generator<{ key: Path; value: string }> {
  for (const side of ["request_headers", "response_headers"] as const) {
    const changes = route[side];
    if (!changes) continue;
    for (const [name, value] of Object.entries(changes.set)) {
      yield { key: [side, "set", name], value };
    }
    for (const [name, list] of Object.entries(changes.add)) {
      for (const [at, value] of list.entries()) yield { key: [side, "add", name, at], value };
    }
  }
}

function describeValue(value: string): { rule: string; hint: string | undefined } | undefined {
  const [unknown] = unknownPlaceholders(value);
  if (unknown !== undefined) {
    const names = placeholderNames.join(", ");
    const hint = didYouMean(nearest(unknown, placeholderNames));
    return { rule: `{{${unknown}}} is sent as it is: the names are ${names}`, hint };
  }
  const found = variable.exec(value);
  if (!found) return undefined;
  const name = meant[found[1] ?? found[0]];
  const hint = name === undefined ? undefined : `write {{${name}}}`;
  return { rule: `${found[0]} is sent as it is: it is no variable here`, hint };
}
