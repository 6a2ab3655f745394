/** Sizes as people write them: "64KiB", "1MiB", nginx's "10k", or a bare number of bytes. */

const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** Bytes; undefined for anything else. Decimal units (kB, MB) are refused, as half the world means
 * 1000 by them and the other half 1024. */
export function parseSize(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s?([a-z]*)$/i.exec(text);
  const factor = found ? unitBytes[found[2]!.toLowerCase()] : undefined;
  if (!found || factor === undefined) return undefined;
  const bytes = Number(found[1]) * factor;
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
}

/** As people say it, with two or three digits: 142305001 is "136MiB". */
export function roundedSize(bytes: number): string {
  const found = (["GiB", "MiB", "KiB"] as const).find(
    (name) => bytes >= unitBytes[name.toLowerCase()]!,
  );
  if (found === undefined) return `${bytes}B`;
  const value = bytes / unitBytes[found.toLowerCase()]!;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${found}`;
}

/** The largest unit that gives a whole number: 65536 is "64KiB". */
export function formatSize(bytes: number): string {
  for (const [unit, factor] of [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return `${bytes}B`;
}
