/**
 * nginx from its distribution package.
 */
import { commandPath, versionOf } from "../../../bench/src/measure/machine.ts";
import { nginxTempPaths, nginxUser } from "../../../bench/src/peers/nginx-folder.ts";
import { type Program, startConfigured } from "./configured.ts";
import type { Product } from "./product.ts";

/** Its variants by policy. */
export const nginxes: readonly Product[] = [
  create("nginx-rr", "nginx rr", false),
  create("nginx-lc", "nginx least_conn", true),
];

function create(id: string, name: string, leastConnections: boolean): Product {
  const binary = commandPath("nginx") ?? "nginx";
  const program: Program = {
    template: "nginx.conf",
    values: ({ dir }) => ({
      user: nginxUser(dir),
      temporary_paths: nginxTempPaths(dir),
      least_conn: leastConnections,
    }),
    command: ({ dir, file }) => [binary, "-p", dir, "-c", file, "-e", `${dir}/error.log`],
    reload: (_, process) => process.signal("SIGHUP"),
  };
  return {
    id,
    name,
    family: "nginx",
    leastConnections,
    hedges: false,
    missing: () => (commandPath("nginx") === undefined ? "nginx is not installed" : undefined),
    version: () => versionOf([binary, "-v"], /nginx\/([\d.]+)/),
    start: (setup) => startConfigured(program, setup),
  };
}
