/** The configuration as JSON Schema, for editors and for the reference page. */
import { z } from "zod";
import { formatJson } from "./format-json.ts";
import { root } from "../schema/root.ts";
import { writtenAs } from "../schema/variants.ts";

/** What the generators use of JSON Schema. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | false;
  readonly anyOf?: readonly JsonSchema[];
  /** A type's name in the reference page; not in the published schema. */
  readonly "x-type"?: string;
}

/** The schema of the whole file, with the names of types. */
export function configurationSchema(): JsonSchema {
  return toJson(root);
}

/** What editors get: `docs/configuration.schema.json`. */
export function editorSchema(): string {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Evenkeel configuration",
    ...(withoutNotes(configurationSchema()) as object),
  };
  return `${formatJson(schema)}\n`;
}

function toJson(schema: z.ZodType): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    reused: "inline",
    override({ jsonSchema }) {
      const members = jsonSchema[writtenAs] as readonly z.ZodType[] | undefined;
      if (!members) return;
      delete jsonSchema[writtenAs];
      jsonSchema.anyOf = members.map((member) => toJson(member) as typeof jsonSchema);
    },
  }) as Record<string, unknown>;
  delete json["$schema"];
  return json;
}

/** Takes the `x-` notes away, all the way down. A key of the configuration never begins so. */
function withoutNotes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNotes);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !key.startsWith("x-"))
      .map(([key, value]) => [key, withoutNotes(value)]),
  );
}
