/** Who may ask the admin address: decided before anything is looked up. */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";

/** What the guard sees of a request; header values as they came. */
export interface GuardedRequest {
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  readonly authorization: string | undefined;
}

export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly message: string;
}

/** Answers to orchestrators that can't be given a token; they tell nothing worth hiding. */
const open: readonly string[] = ["/healthz", "/readyz"];

/** Why a request is refused; undefined lets it pass. A browser page must not reach a local Evenkeel
 * (a foreign `Origin`, or a name rebound to this machine in `Host`), and with a token everything but
 * the health answers asks for it. */
export function refuse(request: GuardedRequest, token: string | undefined): Refusal | undefined {
  const { host, origin, secFetchSite } = request;
  if (origin !== undefined && !isSameOrigin(origin, host)) {
    return { status: 403, message: "Requests from web pages of other origins are refused." };
  }
  if (secFetchSite === "cross-site" || secFetchSite === "same-site") {
    return { status: 403, message: "Requests from web pages of other origins are refused." };
  }
  if (open.includes(request.path)) return undefined;
  if (token !== undefined) {
    if (hasToken(request.authorization, token)) return undefined;
    return { status: 401, message: "This needs the admin token: Authorization: Bearer …" };
  }
  if (isLocalName(host)) return undefined;
  return {
    status: 421,
    message: "Without a token only requests to an IP address or localhost are answered.",
  };
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/** A name that no foreign DNS can point here: an address, or localhost. */
function isLocalName(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
  if (name.startsWith("[") && name.endsWith("]")) return isIP(name.slice(1, -1)) === 6;
  return name === "localhost" || isIP(name) === 4;
}

/** Compares in a time that tells nothing of the token. */
function hasToken(authorization: string | undefined, token: string): boolean {
  const match = /^bearer +(\S+)$/i.exec(authorization ?? "");
  return match !== null && timingSafeEqual(digest(match[1]!), digest(token));
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
