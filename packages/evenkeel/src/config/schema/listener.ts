/** A listener: where clients connect, and what is held against them there. */
import { z } from "zod";
import { formatAddress } from "../../lib/address.ts";
import { bindAddress, countOrOff, headerName, network } from "./scalars.ts";
import { listenerLimits, listenerTimeouts } from "./timeouts.ts";
import { map, number, off, oneOf, oneOrMany, text } from "./variants.ts";

const requestId = oneOf<string>(
  "must be a header name, or off",
  off(""),
  text(headerName.transform((name) => name.toLowerCase())),
);

const forwarded = z.strictObject({
  x_forwarded: z
    .boolean()
    .prefault(true)
    .describe("Adds `X-Real-IP`, `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`."),
  forwarded: z.boolean().prefault(false).describe("Adds RFC 7239's `Forwarded`."),
  request_id: requestId
    .prefault("x-request-id")
    .describe(
      "Header that carries the request id; kept where a trusted proxy sent one. `off`: none.",
    ),
  via: z
    .boolean()
    .prefault(true)
    .describe(
      "Adds `Via`; without it loops are not detected. nginx origins compress answers to requests with `Via` only if they have `gzip_proxied any`.",
    ),
});

const longListener = z.strictObject({
  bind: oneOrMany(bindAddress).describe(
    "Address or addresses: `host:port`, `[::]:port`, or `:port` / `port` for every IPv4 address. Port 0 takes a free one.",
  ),
  max_connections: countOrOff
    .optional()
    .describe(
      "Client connections at once, over all workers; more are refused with 503. Default: 20000, or less where the limit of open files is too low for two sockets each: (limit - 256) / 2.",
    ),
  limits: listenerLimits.prefault({}).describe("Overrides `limits` at the top for this listener."),
  timeouts: listenerTimeouts
    .prefault({})
    .describe("Overrides `timeouts` at the top for this listener."),
  abort_on_close: z
    .boolean()
    .prefault(false)
    .describe(
      "Whether a client that ends its sending side has left: its request is ended wherever it is, as in nginx. By default such a client is answered, and only a reset counts as leaving.",
    ),
  trusted_proxies: oneOrMany(network, 0)
    .optional()
    .describe(
      "Networks whose forwarded headers are believed. Default: `trusted_proxies` at the top.",
    ),
  forwarded: forwarded.prefault({}).describe("Which headers are added towards the origin."),
});

/** A listener; text or a number is its `bind`. */
export const listener = oneOf(
  'must be an address such as "127.0.0.1:8080", or a map with bind',
  text(bindAddress.transform((bind) => longListener.parse({ bind: formatAddress(bind) }))),
  number(bindAddress.transform((bind) => longListener.parse({ bind: formatAddress(bind) }))),
  map(longListener),
);

/** One listener's settings. */
export type ListenerConfig = z.output<typeof longListener>;
