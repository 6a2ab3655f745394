/** A seeded 32-bit hash of short text (MurmurHash3's mixing over character codes). Fast, not
 * cryptographic: the seed keeps outsiders from choosing what collides. */
export function hashKey(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    let mixed = Math.imul(text.charCodeAt(at), 0xcc9e2d51);
    mixed = (mixed << 15) | (mixed >>> 17);
    hash ^= Math.imul(mixed, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
