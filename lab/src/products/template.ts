/**
 * The templates of the configurations under lab/peers: `{{name}}` is a value, and
 * `{{#name}} … {{/name}}` repeats for every item of a list or stays when a flag is true.
 */

/** What a template may ask for; the items of a list see the outer values too. */
export interface TemplateValues {
  readonly [name: string]: string | number | boolean | readonly TemplateValues[];
}

/** Fills a template in; throws on a name that has no value. Lines that hold nothing but a
 * section's mark disappear. */
export function renderTemplate(text: string, values: TemplateValues): string {
  const lines = text.replaceAll(/^[ \t]*(\{\{[#/]\w+\}\})[ \t]*\n/gm, "$1");
  return fill(lines, values);
}

function fill(text: string, values: TemplateValues): string {
  const sections = text.replaceAll(
    /\{\{#(\w+)\}\}([\s\S]*?)\{\{\/\1\}\}/g,
    (_, name: string, inner: string) => {
      const value = valueOf(values, name);
      if (typeof value === "object") {
        return value.map((item) => fill(inner, { ...values, ...item })).join("");
      }
      return value === true ? fill(inner, values) : "";
    },
  );
  return sections.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = valueOf(values, name);
    if (typeof value === "object") throw new Error(`"${name}" is a list, not a value`);
    return String(value);
  });
}

function valueOf(values: TemplateValues, name: string): TemplateValues[string] {
  const value = values[name];
  if (value === undefined) throw new Error(`a template asks for "${name}", which has no value`);
  return value;
}
