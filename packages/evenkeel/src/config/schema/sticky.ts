/** Clients bound to an endpoint by a signed cookie. */
import { z } from "zod";
import { cookieName, duration } from "./scalars.ts";
import { map, off, oneOf, text, textScalar } from "./variants.ts";

const attribute = (rule: string, form: RegExp) =>
  textScalar(rule, { "x-type": "text" }, (value) => (form.test(value) ? value : undefined));

const longSticky = z.strictObject({
  cookie: cookieName.prefault("evenkeel").describe("The cookie's name."),
  max_age: duration
    .optional()
    .describe("How long browsers keep it, in whole seconds. Default: until they close."),
  path: attribute('a cookie path such as "/"', /^\/[\x21-\x3a\x3c-\x7e]*$/)
    .prefault("/")
    .describe("The cookie's path."),
  domain: attribute("a domain name", /^\.?[A-Za-z0-9.-]+$/)
    .optional()
    .describe("The cookie's domain. Default: the host that was asked."),
  secure: z.boolean().prefault(false).describe("Sent over TLS only."),
  http_only: z.boolean().prefault(true).describe("Hidden from scripts."),
  same_site: z
    .enum(["strict", "lax", "none"])
    .prefault("lax")
    .describe("Whether other sites' requests carry it; `none` needs `secure`."),
});

/** A cookie's settings. */
export type StickyConfig = z.output<typeof longSticky>;

/** Undefined for none. */
export const sticky = oneOf<StickyConfig | undefined>(
  "must be off, a cookie's name, or a map",
  off<StickyConfig | undefined>(undefined),
  text(cookieName.transform((cookie) => longSticky.parse({ cookie }))),
  map(longSticky),
);
