/** Where Evenkeel itself listens. */
import { formatAddress, isLoopback, type Address } from "../../lib/address.ts";
import type { Problem } from "../problem.ts";
import type { RootConfig } from "../schema/root.ts";
import type { Path, Source } from "../source/source.ts";

/** No address twice, and an admin address for others only with a token. */
export function checkAddresses(config: RootConfig, source: Source): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, string>();

  function claim(address: Address, owner: string, path: Path): void {
    // Port 0 is another one each time.
    if (address.port === 0) return;
    const key = formatAddress(address);
    const other = owners.get(key);
    if (other === undefined) owners.set(key, owner);
    else problems.push(source.problemAt(path, `${key} is already taken by ${other}`));
  }

  for (const [name, { bind }] of Object.entries(config.listeners)) {
    bind.forEach((address, at) =>
      claim(address, `listener ${name}`, ["listeners", name, "bind", at]),
    );
  }
  const { bind, token, token_file: file } = config.admin;
  claim(bind, "admin", ["admin", "bind"]);
  problems.push(...checkAdminWildcards(config, source));
  if (!isLoopback(bind.host) && token === undefined && file === undefined) {
    const rule = `${formatAddress(bind)} can be reached by others: a token is required`;
    problems.push(source.problemAt(["admin"], rule, { hint: "add token_file" }));
  }
  return problems;
}

/** Admin's port is not shared: a listener on every address of the same port would clash. */
function checkAdminWildcards(config: RootConfig, source: Source): Problem[] {
  const admin = config.admin.bind;
  const everywhere = (host: string) => host === "0.0.0.0" || host === "::";
  return Object.entries(config.listeners).flatMap(([name, { bind }]) =>
    bind
      .filter(({ port }) => port === admin.port && port !== 0)
      .filter(({ host }) => host !== admin.host && (everywhere(host) || everywhere(admin.host)))
      .map((address) => {
        const rule = `clashes with listener ${name} on ${formatAddress(address)}`;
        return source.problemAt(["admin", "bind"], rule);
      }),
  );
}
