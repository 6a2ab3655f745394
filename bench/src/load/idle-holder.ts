/**
 * The program that holds idle connections: `idle-holder.ts PORT COUNT`.
 *
 * Opens COUNT connections, gets one answer on each, then prints `held`. A line on stdin makes it
 * print how many are still open, and closing stdin ends it.
 */
import { connect, type Socket } from "node:net";

const [port = 0, count = 0] = process.argv.slice(2).map(Number);
const AT_ONCE = 100;
const REQUEST = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;

const open = new Set<Socket>();

function hold(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      open.add(socket);
      socket.write(REQUEST);
    });
    socket.once("data", () => resolve());
    socket.once("error", reject);
    socket.once("close", () => open.delete(socket));
  });
}

for (let done = 0; done < count; done += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, hold));
}
process.stdout.write("held\n");
process.stdin.on("data", () => process.stdout.write(`${open.size}\n`));
process.stdin.on("end", () => process.exit(0));
