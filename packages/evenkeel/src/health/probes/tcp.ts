/** A check that connects, and where asked to, says something and waits for an answer. */
import { connect } from "node:net";
import type { ProbeSettings } from "../../snapshot/desired.ts";
import { finishWithError } from "./connection-error.ts";
import { withDeadline } from "./deadline.ts";
import type { Probe } from "./probe.ts";
import { createTextSearch } from "./text-search.ts";

/** What is read while waiting for the expected text. */
export const TCP_READ_LIMIT_BYTES = 64 * 1024;

type TcpSettings = Extract<ProbeSettings, { protocol: "tcp" }>;

/** Passes when the connection stands, `send` was taken, and `expect` was seen. */
export const tcpProbe: Probe<TcpSettings> = ({ settings, host, port, timeoutMs }, signal) =>
  withDeadline(timeoutMs, signal, (finish) => {
    const { send, expect } = settings;
    const socket = connect({ host, port });
    socket.on("error", (error) => finishWithError(finish, error));
    socket.on("connect", () => {
      const connected = `connected to port ${port}`;
      const sent = (): void => {
        if (expect === undefined) finish("passed", connected);
      };
      if (send === undefined) sent();
      else socket.write(send, (error) => (error ? finishWithError(finish, error) : sent()));
    });
    if (expect !== undefined) {
      const search = createTextSearch(expect, TCP_READ_LIMIT_BYTES);
      socket.on("data", (piece) => {
        const state = search.push(piece);
        if (state === "found") finish("passed", "answered with the expected text");
        if (state === "exhausted") finish("failed", "answered, but not with the expected text");
      });
      socket.on("end", () =>
        finish("failed", "closed the connection before it sent the expected text"),
      );
    }
    return () => {
      socket.destroy();
    };
  });
