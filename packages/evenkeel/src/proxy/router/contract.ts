/** What the router is asked with and what it answers. */
import type { RouteSnapshot } from "../../snapshot/snapshot.ts";

/** A request as far as routes can see it. Methods are asked only if some route needs them. */
export interface RoutableRequest {
  readonly listener: string;
  readonly method: string;
  /** Lower case, without port, without a trailing dot. */
  readonly host: string;
  /** Normalized (see path.ts); without the query. */
  readonly path: string;
  /** Behind the "?", without it; empty for none. */
  readonly query: string;
  /** The client's address, trusted proxies seen through; IPv4-mapped addresses as IPv4. */
  readonly clientAddress: string;
  header(lowerCaseName: string): string | undefined;
}

export interface Router {
  /** The most specific route by the Gateway API's precedence; undefined where none matches. */
  match(request: RoutableRequest): RouteSnapshot | undefined;
  /** The same route's `order`; NO_ROUTE where none matches. */
  matchOrder(request: RoutableRequest): number;
  /** For people: every route that was considered, best first, and why each did not match. */
  explain(request: RoutableRequest): readonly {
    readonly route: RouteSnapshot;
    readonly verdict: string;
    readonly matched: boolean;
  }[];
}
