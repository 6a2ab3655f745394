/** What both hashing algorithms give: places on a circle, each owned by a member. */

/** An immutable circle of places. Owners are indexes into the arrays it was built from. */
export interface HashTable {
  /** Number of places, at least one. */
  readonly size: number;
  /** Where a key's walk begins. */
  placeOf(key: string): number;
  /** The owner of a place; places from `size` on are taken round the circle. */
  ownerAt(place: number): number;
}
