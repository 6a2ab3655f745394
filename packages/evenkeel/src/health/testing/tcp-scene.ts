/** A listening socket for checks, with a count of who is connected. */
import { once } from "node:events";
import { type AddressInfo, type Socket, createServer } from "node:net";
import type { ProbeSettings } from "../../snapshot/desired.ts";
import type { Scene } from "./probe-contract.ts";

/** Listens on a free port; `serve` gets every connection. A port nobody listens on: `refusing`. */
export async function tcpScene(
  settings: ProbeSettings,
  serve: (socket: Socket) => void,
  options: { timeoutMs?: number; refusing?: boolean } = {},
): Promise<Scene> {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {
      // The check's end of a connection may go at any time; `close` follows.
    });
    serve(socket);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const reached = once(listener, "connection");
  const close = async (): Promise<void> => {
    if (!listener.listening) return;
    for (const socket of sockets) socket.destroy();
    listener.close();
    await once(listener, "close");
  };
  if (options.refusing) await close();
  return {
    request: { settings, host: "127.0.0.1", port, timeoutMs: options.timeoutMs ?? 5000 },
    reached: () => reached,
    held: () => sockets.size,
    [Symbol.asyncDispose]: close,
  };
}
