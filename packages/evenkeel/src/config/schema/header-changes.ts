/** Changes to header fields that cross the balancer. */
import { z } from "zod";
import { headerName, headerValue } from "./scalars.ts";
import { oneOrMany } from "./variants.ts";

/** Fields that frame or route a message: the balancer writes them itself. */
const ownFields = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const rule = "must be a header name that Evenkeel does not write itself (Host: use rewrite.host)";

/** Whether a configuration may set, add or remove the field. */
function isChangeable(name: string): boolean {
  return headerName.safeParse(name).success && !ownFields.has(name.toLowerCase());
}

const changeable = z.string().refine(isChangeable, rule);

/** `set` replaces, `add` appends, `remove` takes away; in the order remove, set, add. */
export const headerChanges = z.strictObject({
  set: z
    .record(changeable, headerValue)
    .prefault({})
    .describe(
      "Replaces the field or creates it. Values may contain `{{client_address}}`, `{{request_id}}`, `{{host}}`, `{{route}}` and `{{upstream}}`.",
    ),
  add: z
    .record(changeable, oneOrMany(headerValue))
    .prefault({})
    .describe("Adds a further field of that name; a list adds several."),
  remove: oneOrMany(headerName.refine(isChangeable, rule))
    .optional()
    .describe(
      "Name or names of fields to take away. Here and in `set`, a received name with `_` for `-` is the same name.",
    ),
});

/** Header changes as written. */
export type HeaderChangesConfig = z.output<typeof headerChanges>;
