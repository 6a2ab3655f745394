/** Every key of the configuration, for tests that must not forget one. */
import type { JsonSchema } from "../reference/json-schema.ts";

/** Paths with `[]` for lists and `<name>` for names; maps come before their keys. May repeat. */
export function keysOf(at: JsonSchema, path = ""): string[] {
  const below = ([key, value]: [string, JsonSchema]) => {
    const next = path === "" ? key : `${path}.${key}`;
    return [next, ...keysOf(value, next)];
  };
  const names = at.additionalProperties;
  return [
    ...Object.entries(at.properties ?? {}).flatMap(below),
    ...variantsOf(at).flatMap((variant) => keysOf(variant, path)),
    ...(at.items ? keysOf(at.items, path.endsWith("[]") ? path : `${path}[]`) : []),
    ...(names ? keysOf(names, `${path}.<name>`) : []),
  ];
}

/** One item without its list has no keys of its own. */
function variantsOf({ anyOf = [] }: JsonSchema): readonly JsonSchema[] {
  const items = anyOf.flatMap((one) => (one.items ? [JSON.stringify(one.items)] : []));
  return anyOf.filter((one) => !items.includes(JSON.stringify(one)));
}
