/** Equal for equal things, different for different ones: a digest of the thing's own JSON. */
import { hash } from "node:crypto";

/** Adds the fingerprint of `thing`; what is in `volatile` comes along without being part of it. */
export function fingerprinted<Thing extends object, Volatile extends object = object>(
  thing: Thing,
  volatile?: Volatile,
): Thing & Volatile & { readonly fingerprint: string } {
  return { ...thing, ...(volatile as Volatile), fingerprint: digest(JSON.stringify(thing)) };
}

/** 43 characters, whatever the text's length. */
export function digest(text: string): string {
  return hash("sha256", text, "base64url");
}
