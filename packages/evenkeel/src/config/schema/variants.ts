/**
 * Values that may be written in more than one way ("a string or a map", "off or a map").
 *
 * Zod's own unions try every member and report none of their mistakes well. Here the kind of what
 * was written decides which member is meant, and only that member's mistakes are reported.
 */
import { z } from "zod";

/** Metadata key under which a value with several ways to write it lists their schemas. */
export const writtenAs = "x-written-as";

export interface Variant<T> {
  readonly applies: (value: unknown) => boolean;
  readonly schema: z.ZodType<T>;
}

/** Applies to text. */
export function text<T>(schema: z.ZodType<T>): Variant<T> {
  return { applies: (value) => typeof value === "string", schema };
}

/** Applies to numbers. */
export function number<T>(schema: z.ZodType<T>): Variant<T> {
  return { applies: (value) => typeof value === "number", schema };
}

/** Applies to lists. */
export function list<T>(schema: z.ZodType<T>): Variant<T> {
  return { applies: Array.isArray, schema };
}

/** Applies to maps. */
export function map<T>(schema: z.ZodType<T>): Variant<T> {
  return { applies: isMap, schema };
}

/** Applies to the word `off`. */
export function off<T>(meaning: T): Variant<T> {
  const schema = z
    .unknown()
    .transform((): T => meaning)
    .meta({ const: "off" });
  return { applies: (value) => value === "off", schema };
}

/** Hands the value to the first variant that applies. `rule` says what is allowed where none does. */
export function oneOf<T>(rule: string, ...variants: readonly Variant<T>[]): z.ZodType<T> {
  const schema: z.ZodType = z.unknown().transform((value, context): T => {
    const variant = variants.find((one) => one.applies(value));
    if (!variant) return refuse(context, value, rule);
    const result = variant.schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.issues.push(issue as never);
    return z.NEVER;
  });
  return schema.meta({ [writtenAs]: variants.map((one) => one.schema) }) as z.ZodType<T>;
}

/** One item, or a list of at least `least` of them. */
export function oneOrMany<T>(item: z.ZodType<T>, least: 0 | 1 = 1): z.ZodType<T[]> {
  const many = z.array(item).min(least);
  const schema: z.ZodType = z.unknown().transform((value, context): T[] => {
    if (value === undefined) return refuse(context, value, "");
    const result = many.safeParse(Array.isArray(value) ? value : [value]);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.issues.push(issue as never);
    return z.NEVER;
  });
  return schema.meta({ [writtenAs]: [item, many] }) as z.ZodType<T[]>;
}

/** One written value with its own parser. `rule` ends the sentence "… must be". */
export function scalar<T>(
  rule: string,
  json: Readonly<Record<string, unknown>>,
  parse: (value: unknown) => T | undefined,
): z.ZodType<T> {
  const schema: z.ZodType = z.unknown().transform((value, context): T => {
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    return refuse(context, value, `must be ${rule}`, json["enum"]);
  });
  return schema.meta(json) as z.ZodType<T>;
}

/** Like `scalar`, for values written as text. */
export function textScalar<T>(
  rule: string,
  json: Readonly<Record<string, unknown>>,
  parse: (text: string) => T | undefined,
): z.ZodType<T> {
  return scalar(rule, { type: "string", ...json }, (value) =>
    typeof value === "string" ? parse(value) : undefined,
  );
}

/** How the rule of a value ends that may be any text but none. */
export const someTextRule = "text (put numbers and words such as true in quotes)";
const textRule = `must be ${someTextRule}`;

/** Reports a broken rule at the value; a missing value is reported as such. `allowed` are the words
 * among which a near one may have been meant. */
function refuse(context: z.RefinementCtx, value: unknown, rule: string, allowed?: unknown): never {
  const isEmpty = value === "" && rule === textRule;
  const message = value === undefined ? "is required" : isEmpty ? "is empty" : rule;
  context.issues.push({ code: "custom", message, input: value, params: { allowed } });
  return z.NEVER;
}

/** Whether it is a map of keys. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
