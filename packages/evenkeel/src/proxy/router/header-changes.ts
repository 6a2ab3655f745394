/** A route's header changes, rendered once: what is left per request is dropping rows and appending
 * one string. */
import type { HeaderChanges } from "../../snapshot/snapshot.ts";
import { isNamedAlike } from "../http1/ascii.ts";
import {
  compileTemplate,
  fillTemplate,
  joinTemplates,
  type PlaceholderValues,
  type Template,
  toHeaderText,
} from "./placeholders.ts";

/** Header changes of one direction. */
export interface CompiledHeaderChanges {
  /** True where some received field may have to go: else `drops` need not be asked. */
  readonly dropsAny: boolean;
  /** Whether the received field named bytes[start, end), in any case and with "_" for "-" or the
   * other way round, must not be passed on: it is removed, or set anew. Allocates nothing. */
  drops(bytes: Uint8Array, start: number, end: number): boolean;
  /** The lines to append, each "Name: value" with CR LF; empty for none. */
  lines(values: PlaceholderValues): string;
  /** The same where no value has a placeholder; `undefined` where `lines` must be asked. */
  readonly constantLines: string | undefined;
}

/** Compiles changes; `undefined` for none and for empty ones. */
export function compileHeaderChanges(
  changes: HeaderChanges | undefined,
): CompiledHeaderChanges | undefined {
  if (changes === undefined) return undefined;
  const { set, add, remove } = changes;
  if (set.length + add.length + remove.length === 0) return undefined;
  const dropped = [...remove, ...set.map(([name]) => name)].map(hyphened);
  const template = joinTemplates([...set, ...add].map(([name, value]) => line(name, value)));
  return new Changes(dropped, template);
}

/** The one spelling that received names are compared with. */
function hyphened(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

function line(name: string, value: string): Template {
  return joinTemplates([`${name}: `, compileTemplate(toHeaderText(value)), "\r\n"]);
}

class Changes implements CompiledHeaderChanges {
  readonly dropsAny: boolean;
  readonly constantLines: string | undefined;
  readonly #template: Template;
  /** Names in that spelling by their length: most fields are passed on after one look. */
  readonly #dropped: (readonly string[] | undefined)[] = [];

  constructor(dropped: readonly string[], template: Template) {
    this.dropsAny = dropped.length > 0;
    this.constantLines = typeof template === "string" ? template : undefined;
    this.#template = template;
    for (const name of new Set(dropped)) {
      this.#dropped[name.length] = [...(this.#dropped[name.length] ?? []), name];
    }
  }

  drops(bytes: Uint8Array, start: number, end: number): boolean {
    const names = this.#dropped[end - start];
    if (names === undefined) return false;
    for (const name of names) {
      if (isNamedAlike(bytes, start, end, name)) return true;
    }
    return false;
  }

  lines(values: PlaceholderValues): string {
    return this.constantLines ?? fillTemplate(this.#template, values);
  }
}
