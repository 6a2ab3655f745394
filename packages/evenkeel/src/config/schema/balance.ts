/** How an upstream chooses among its endpoints. */
import { z } from "zod";
import { cookieName, duration, headerName, percent, someText } from "./scalars.ts";
import { isMap, off, oneOf, oneOrMany, text, textScalar } from "./variants.ts";

/** One part of what `hash` hashes. */
export type HashKeyPart = {
  readonly kind: "header" | "cookie" | "query" | "path" | "client" | "host";
  readonly name: string;
};

/** Policies that need no settings. */
const plainPolicies = [
  "round_robin",
  "random",
  "least_conn",
  "two_choices",
  "ip_hash",
  "first",
] as const;
const policies = [...plainPolicies, "least_time", "hash"] as const;

/** A policy with its settings. */
export type BalanceConfig =
  | { readonly policy: (typeof plainPolicies)[number] }
  | { readonly policy: "least_time"; readonly decay: number }
  | {
      readonly policy: "hash";
      readonly key: readonly HashKeyPart[];
      readonly algorithm: "maglev" | "ketama";
      readonly bounded_load: number;
    };

const nameForms = { header: headerName, cookie: cookieName, query: someText } as const;

const keyPart = textScalar<HashKeyPart>(
  'client, host, path, "header:NAME", "cookie:NAME" or "query:NAME"',
  {
    "x-type": "`client`, `host`, `path`, `header:NAME`, `cookie:NAME` or `query:NAME`",
    pattern: "^(client|host|path|(header|cookie|query):.+)$",
  },
  (written) => {
    if (written === "client" || written === "host" || written === "path") {
      return { kind: written, name: "" };
    }
    const colon = written.indexOf(":");
    const kind = written.slice(0, colon);
    const name = written.slice(colon + 1);
    if (kind !== "header" && kind !== "cookie" && kind !== "query") return undefined;
    if (!nameForms[kind].safeParse(name).success) return undefined;
    return { kind, name: kind === "header" ? name.toLowerCase() : name };
  },
);

const leastTime = z.strictObject({
  policy: z.literal("least_time"),
  decay: duration
    .prefault("10s")
    .describe("`least_time`: how long a slow answer is remembered; shorter forgives faster."),
});

const hash = z.strictObject({
  policy: z.literal("hash"),
  key: oneOrMany(keyPart).describe(
    "`hash`: what is hashed; several parts are joined. A request without any of them goes to a random endpoint.",
  ),
  algorithm: z
    .enum(["maglev", "ketama"])
    .prefault("maglev")
    .describe(
      "`hash`: `maglev` is the most even, `ketama` is what nginx and memcached clients compute.",
    ),
  bounded_load: oneOf<number>(
    'must be a percentage above "100%", or off',
    off(0),
    text(percent(101, 1_000)),
  )
    .prefault("off")
    .describe("`hash`: no endpoint gets more than this share of the mean load, such as `125%`."),
});

const plain = z.strictObject({
  policy: z.enum(policies).describe("The policy's name; see `balance` above for all of them."),
});

const policyName = textScalar<BalanceConfig>(
  `one of ${policies.join(", ")} (hash needs a key: {policy: hash, key: "header:X-User"})`,
  { enum: policies.filter((policy) => policy !== "hash") },
  (written) => {
    if (written === "least_time") return leastTime.parse({ policy: written });
    const policy = plainPolicies.find((known) => known === written);
    return policy && { policy };
  },
);

function hasPolicy(...policies: readonly unknown[]): (value: unknown) => boolean {
  return (value) => isMap(value) && policies.includes(value["policy"]);
}

/** A policy's name, or a map with its settings. */
export const balance = oneOf<BalanceConfig>(
  "must be a policy, or a map with policy and its settings",
  text(policyName),
  {
    applies: (value) => isMap(value) && !hasPolicy("least_time", "hash")(value),
    schema: plain as unknown as z.ZodType<BalanceConfig>,
  },
  { applies: hasPolicy("least_time"), schema: leastTime },
  { applies: hasPolicy("hash"), schema: hash },
);
