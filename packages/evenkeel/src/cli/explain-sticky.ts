/** Where the cookie of a request binds its client. */
import { cookieValue } from "../proxy/edge/cookie.ts";
import { createSticky } from "../proxy/edge/sticky.ts";
import type { RoutableRequest } from "../proxy/router/contract.ts";
import type { StickySnapshot, UpstreamSnapshot } from "../snapshot/snapshot.ts";

/** A binding, or why there is none. */
export interface Binding {
  /** Undefined where the request is bound to no endpoint, or nobody here can tell. */
  readonly slot: number | undefined;
  /** What to say where another endpoint is chosen. */
  readonly note: string;
}

/** Without `secret` no cookie can be read. */
export function explainSticky(
  upstream: UpstreamSnapshot,
  sticky: StickySnapshot,
  request: RoutableRequest,
  secret: string | undefined,
): Binding {
  const { cookie } = sticky;
  const header = request.header("cookie");
  const none = (note: string): Binding => ({ slot: undefined, note });
  if (cookieValue(header, cookie) === undefined) {
    return none(`a client with the cookie ${cookie} stays where it is bound`);
  }
  if (secret === undefined) {
    return none(
      `its cookie ${cookie} can't be read here: a running Evenkeel without sticky_secret_file has a secret of its own`,
    );
  }
  const slot = createSticky(sticky, upstream.name, upstream.endpoints, secret).slotOf(header);
  const bound = upstream.endpoints.find((endpoint) => endpoint.slot === slot);
  if (!bound) return none(`its cookie ${cookie} is not valid, or its endpoint is gone: bound anew`);
  const note = `its cookie ${cookie} binds it to ${bound.name}, which takes nobody: bound anew`;
  return { slot, note };
}
