/** Where a thread's code is. */

/** The address of a thread's module, given relative to this folder and without its extension: `.ts`
 * in the checkout and `.js` in the published package, as this very file has it. */
export function workerEntry(path: string): URL {
  const extension = import.meta.filename.endsWith(".ts") ? "ts" : "js";
  return new URL(`${path}.${extension}`, import.meta.url);
}
