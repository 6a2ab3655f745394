/** What a failed listen means, in words an operator can act on. */

/** One line: what is wrong with the address, and what to do. `code` is the system's error code. */
export function listenProblem(host: string, port: number, code: string): string {
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  switch (code) {
    case "EADDRINUSE":
      return (
        `can't listen on ${address}: address in use (${code}): something else listens there. ` +
        `Find it with "ss -ltnp 'sport = :${port}'" and stop it, or choose another port.`
      );
    case "EACCES":
      return (
        `can't listen on ${address}: ports below 1024 need a permission (${code}). Choose a higher port, ` +
        `or give it with "setcap cap_net_bind_service=+ep" on the node binary, or ` +
        `"sysctl net.ipv4.ip_unprivileged_port_start=${port}".`
      );
    case "EADDRNOTAVAIL":
      return (
        `can't listen on ${address}: this machine has no such address (${code}). ` +
        `See "ip address" for those it has, or use 0.0.0.0 for all.`
      );
    case "EMFILE":
    case "ENFILE":
      return `can't listen on ${address}: no file descriptors are left (${code}). Raise "ulimit -n".`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `can't listen on ${address}: the name does not resolve (${code}).`;
    default:
      return `can't listen on ${address}: ${code}.`;
  }
}
