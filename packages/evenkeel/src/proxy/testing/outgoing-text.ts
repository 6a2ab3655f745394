/** What an `Outgoing` would send. */
import type { Socket } from "node:net";

import type { Outgoing } from "../wire/outgoing.ts";

/** All octets in it, one character each. */
export function textOf(outgoing: Outgoing): string {
  let text = "";
  const write = (_socket: Socket, bytes: Uint8Array): "now" => {
    text = Buffer.from(bytes).toString("latin1");
    return "now";
  };
  outgoing.writeTo({} as Socket, { read: () => undefined, write });
  return text;
}
