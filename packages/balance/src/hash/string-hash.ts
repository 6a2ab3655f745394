/** A fast, well mixed 32-bit hash of short texts. Not for secrets: collisions can be made. */

/** FNV-1a over the characters' bytes, then murmur3's final mix, which FNV's weak low bits need.
 * Unsigned; different seeds give independent hashes. The same on every machine and version. */
export function hashString(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    hash = Math.imul(hash ^ (code & 0xff), 0x01000193);
    if (code > 0xff) hash = Math.imul(hash ^ (code >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
