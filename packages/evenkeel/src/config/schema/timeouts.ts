/** Timeouts and limits: defaults at the top of the file, overridden on listeners and routes. */
import { z } from "zod";
import { count, countOrOff, durationOrOff, size, sizeOrOff } from "./scalars.ts";

const clientTimeouts = {
  header: durationOrOff
    .optional()
    .describe(
      "To the end of a request's head, from its first byte; on a new connection from its accept (408; closed without an answer where nothing came).",
    ),
  body: durationOrOff.optional().describe("Between two reads of a request's body (408)."),
  keep_alive: durationOrOff
    .optional()
    .describe("How long an idle connection of a client stays open between requests."),
  send: durationOrOff
    .optional()
    .describe("Without progress while writing to a client that does not read."),
};

const routeTimeouts = {
  total: durationOrOff
    .optional()
    .describe("From the request's head to the answer's last byte, retries included (504)."),
  connect: durationOrOff.optional().describe("Until a connection to an endpoint stands (504)."),
  first_byte: durationOrOff
    .optional()
    .describe("From the request sent to the answer's head (504)."),
  idle: durationOrOff.optional().describe("Between two reads of the answer's body (504)."),
  tunnel_idle: durationOrOff
    .optional()
    .describe("An upgraded connection (WebSocket) without traffic."),
};

const clientLimits = {
  request_line: size.optional().describe("Bytes of the request line (414)."),
  headers: size.optional().describe("Bytes of a request's header section (431)."),
  header_count: count(1, 10_000).optional().describe("Header fields in a request (431)."),
  requests_per_connection: countOrOff
    .optional()
    .describe("Requests on one client connection before it is closed."),
};

const routeLimits = {
  body: sizeOrOff.optional().describe("Bytes of a request's body (413)."),
  uri: size.optional().describe("Bytes of the request target, path and query (414)."),
};

/** What holds where neither listener nor route says otherwise. */
export const timeoutDefaults = {
  header: "10s",
  body: "30s",
  keep_alive: "75s",
  send: "30s",
  total: "off",
  connect: "2s",
  first_byte: "60s",
  idle: "60s",
  tunnel_idle: "10m",
} as const;

/** See `timeoutDefaults`. */
export const limitDefaults = {
  request_line: "16KiB",
  headers: "32KiB",
  header_count: 100,
  requests_per_connection: "off",
  body: "10MiB",
  uri: "8KiB",
} as const;

/** At the top of the file. */
export const topTimeouts = withDefaults({ ...clientTimeouts, ...routeTimeouts }, timeoutDefaults);
/** At the top of the file. */
export const topLimits = withDefaults({ ...clientLimits, ...routeLimits }, limitDefaults);
/** On a listener: what is not written comes from the top. */
export const listenerTimeouts = z.strictObject(clientTimeouts);
/** On a listener. */
export const listenerLimits = z.strictObject(clientLimits);
/** On a route: what is not written comes from the top. */
export const routeTimeoutsMap = z.strictObject(routeTimeouts);
/** On a route. */
export const routeLimitsMap = z.strictObject(routeLimits);

type Filled<Shape extends Record<string, z.ZodOptional<z.ZodType<number>>>> = {
  [Key in keyof Shape]: z.ZodPrefault<z.ZodType<number>>;
};

/** Gives every key of a shape its default. */
function withDefaults<Shape extends Record<string, z.ZodOptional<z.ZodType<number>>>>(
  shape: Shape,
  defaults: { readonly [Key in keyof Shape]: string | number },
): z.ZodObject<Filled<Shape>, z.core.$strict> {
  const filled = Object.entries(shape).map(([key, schema]) => [
    key,
    schema
      .unwrap()
      .prefault(defaults[key]!)
      .describe(schema.description ?? ""),
  ]);
  return z.strictObject(Object.fromEntries(filled) as Filled<Shape>);
}
