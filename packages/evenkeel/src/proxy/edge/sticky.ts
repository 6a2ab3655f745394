/**
 * Sticky cookies: which endpoint a client is bound to, signed so that no client can choose.
 *
 * The value is the endpoint's sticky id, a dot and an HMAC-SHA256 over upstream and id, cut to 128
 * bits. Every good value of an upstream is computed when its endpoints are known: recognizing one
 * is a hash look-up, a forged or outdated one is simply not there.
 */
import { createHmac } from "node:crypto";

import type { EndpointSnapshot, StickySnapshot } from "../../snapshot/snapshot.ts";
import { cookieValue } from "./cookie.ts";

const SIGNATURE_BYTES = 16;

/** One upstream's bindings. */
export interface Sticky {
  /** Slot of the endpoint that the Cookie header binds to; -1 where it has no valid cookie of this
   * upstream, or one of an endpoint that is gone. */
  slotOf(cookieHeader: string | undefined): number;
  /** The line, CR LF included, that binds a client to the endpoint; empty for an unknown slot. */
  setCookieLine(slot: number): string;
}

/** Bindings to the endpoints of one upstream. */
export function createSticky(
  sticky: StickySnapshot,
  upstream: string,
  endpoints: readonly Pick<EndpointSnapshot, "slot" | "stickyId">[],
  secret: string,
): Sticky {
  const slots = new Map<string, number>();
  const lines = new Map<number, string>();
  const attributes = renderAttributes(sticky);
  for (const { slot, stickyId } of endpoints) {
    const value = `${stickyId}.${sign(secret, upstream, stickyId)}`;
    slots.set(value, slot);
    lines.set(slot, `Set-Cookie: ${sticky.cookie}=${value}${attributes}\r\n`);
  }
  return {
    slotOf(cookieHeader) {
      const value = cookieValue(cookieHeader, sticky.cookie);
      return value === undefined ? -1 : (slots.get(value) ?? -1);
    },
    setCookieLine: (slot) => lines.get(slot) ?? "",
  };
}

function sign(secret: string, upstream: string, stickyId: string): string {
  const digest = createHmac("sha256", secret).update(`${upstream}\0${stickyId}`).digest();
  return digest.subarray(0, SIGNATURE_BYTES).toString("base64url");
}

function renderAttributes(sticky: StickySnapshot): string {
  const parts = [`Path=${sticky.path}`];
  if (sticky.domain !== undefined) parts.push(`Domain=${sticky.domain}`);
  if (sticky.maxAgeS !== undefined) parts.push(`Max-Age=${sticky.maxAgeS}`);
  if (sticky.secure) parts.push("Secure");
  if (sticky.httpOnly) parts.push("HttpOnly");
  if (sticky.sameSite !== undefined) parts.push(`SameSite=${sameSite[sticky.sameSite]}`);
  return parts.map((part) => `; ${part}`).join("");
}

const sameSite = { strict: "Strict", lax: "Lax", none: "None" } as const;
