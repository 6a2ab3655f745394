/** Equal for equal things, different for different ones: the thing's own JSON. */

/** Adds the fingerprint of everything in `thing` but what is named volatile. */
export function fingerprinted<Thing extends object>(
  thing: Thing,
  ...volatile: readonly (keyof Thing)[]
): Thing & { readonly fingerprint: string } {
  const kept = volatile.length === 0 ? thing : { ...thing };
  if (kept !== thing) for (const key of volatile) delete kept[key];
  return { ...thing, fingerprint: JSON.stringify(kept) };
}
