/** Equal for equal things, different for different ones: the thing's own JSON. */

/** Adds the fingerprint of `thing`; what is in `volatile` comes along without being part of it. */
export function fingerprinted<Thing extends object, Volatile extends object = object>(
  thing: Thing,
  volatile?: Volatile,
): Thing & Volatile & { readonly fingerprint: string } {
  return { ...thing, ...(volatile as Volatile), fingerprint: JSON.stringify(thing) };
}
