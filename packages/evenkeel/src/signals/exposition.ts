/** Reads Prometheus's text format, as far as one needs it to pick a few series out of a page. */

/** One line of a page. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The series of a page whose names are wanted, at most `most`; lines that are none are passed over:
 * a page may have what this does not know. */
export function readExposition(
  page: string,
  wanted: (name: string) => boolean,
  most: number,
): readonly Series[] {
  const found: Series[] = [];
  for (let from = 0; from < page.length && found.length < most;) {
    const end = page.indexOf("\n", from);
    const to = end < 0 ? page.length : end;
    const series = readLine(page.slice(from, to), wanted);
    if (series) found.push(series);
    from = to + 1;
  }
  return found;
}

const nameOf = /^[A-Za-z_:][\w:]*/;
const label = /\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,?)/y;

function readLine(line: string, wanted: (name: string) => boolean): Series | undefined {
  const name = nameOf.exec(line)?.[0];
  if (name === undefined || !wanted(name)) return undefined;
  let at = name.length;
  const labels: Record<string, string> = {};
  if (line.charAt(at) === "{") {
    at++;
    for (;;) {
      label.lastIndex = at;
      const found = label.exec(line);
      if (!found) break;
      Object.defineProperty(labels, found[1]!, { value: unescaped(found[2]!), enumerable: true });
      at = label.lastIndex;
      if (found[3] === "") break;
    }
    const close = /\s*\}/y;
    close.lastIndex = at;
    if (!close.test(line)) return undefined;
    at = close.lastIndex;
  }
  // A time may follow; OpenMetrics has more behind a #.
  const value = toNumber(line.slice(at).trim().split(/\s/, 1)[0] ?? "");
  return value === undefined ? undefined : { name, labels, value };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, sign: string) => (sign === "n" ? "\n" : sign));
}

/** A number as Prometheus writes it, `+Inf` and `NaN` included; undefined for anything else. */
export function toNumber(text: string): number | undefined {
  const special = /^([+-]?)(?:inf(?:inity)?)$/i.exec(text);
  if (special) return special[1] === "-" ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  if (text === "" || !/^[+-]?(?:\d|\.\d)/.test(text)) return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}
