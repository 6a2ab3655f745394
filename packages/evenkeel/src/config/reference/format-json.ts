/** JSON as the repository's formatter leaves it: two blanks a level, lists of plain values on one
 * line where they fit. */

const width = 100;

/** Without a line end at the end. `taken` is what stands before and behind it on its first line. */
export function formatJson(value: unknown, indent = "", taken = 0): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const plain = value.every((item) => typeof item !== "object" || item === null);
    const line = `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    if (plain && indent.length + taken + line.length <= width) return line;
    return `[\n${value.map((item) => inner + formatJson(item, inner, 1)).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, item]) => {
    const start = `${JSON.stringify(key)}: `;
    return inner + start + formatJson(item, inner, start.length + 1);
  });
  return `{\n${lines.join(",\n")}\n${indent}}`;
}
