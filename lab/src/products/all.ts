/**
 * All balancers of the laboratory.
 */
import { caddies } from "./caddy.ts";
import { evenkeels } from "./evenkeel.ts";
import { haproxies } from "./haproxy.ts";
import { nginxes } from "./nginx.ts";
import { families, type Product } from "./product.ts";

/** In the order of the tables. */
export const allProducts: readonly Product[] = [...evenkeels, ...nginxes, ...haproxies, ...caddies];

/** Products by id or by family; all for no name. Throws on a name that is neither. */
export function chooseProducts(names: readonly string[]): readonly Product[] {
  const known = new Set<string>([...families, ...allProducts.map(({ id }) => id)]);
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new Error(`unknown product "${unknown}"; known: ${[...known].join(", ")}`);
  }
  if (names.length === 0) return allProducts;
  return allProducts.filter(({ id, family }) => names.includes(id) || names.includes(family));
}
