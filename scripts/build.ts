/**
 * Builds what is published: `node scripts/build.ts [--pack]` compiles the packages into
 * build/packages and, with `--pack`, makes their tarballs in build/. Node refuses to run TypeScript
 * from node_modules, so the published form is JavaScript with types beside it.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const build = join(root, "build");
/** In the order of their dependencies. */
const packages = ["balance", "evenkeel"] as const;
type PackageName = (typeof packages)[number];

process.exitCode = main(process.argv.slice(2));

function main(words: readonly string[]): number {
  const unknown = words.find((word) => word !== "--pack");
  if (unknown !== undefined) {
    console.error(`usage: node scripts/build.ts [--pack]; not "${unknown}"`);
    return 2;
  }
  rmSync(build, { recursive: true, force: true });
  for (const name of packages) {
    compile(name);
    stage(name);
    console.log(`built build/packages/${name}`);
  }
  if (words.includes("--pack")) for (const name of packages) pack(name);
  return 0;
}

function compile(name: PackageName): void {
  const source = join(root, "packages", name, "src");
  const config = join(build, `tsconfig.${name}.json`);
  const settings = {
    extends: "../tsconfig.build.json",
    compilerOptions: {
      rootDir: source,
      outDir: join(staged(name), "dist"),
      // The workspace's own link leads to sources, which must not be compiled a second time.
      paths: { "@evenkeel/balance": [join(staged("balance"), "dist", "index.d.ts")] },
    },
    include: [source],
    exclude: [join(source, "**", "*.test.ts"), join(source, "**", "testing")],
  };
  mkdirSync(build, { recursive: true });
  writeFileSync(config, JSON.stringify(settings, undefined, 2));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [compiler, "-p", config], { stdio: "inherit" });
  rmSync(config);
}

/** Everything of the package but its code. */
function stage(name: PackageName): void {
  const from = join(root, "packages", name);
  const to = staged(name);
  const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8")) as Manifest;
  writeFileSync(
    join(to, "package.json"),
    `${JSON.stringify(published(name, manifest), null, 2)}\n`,
  );
  cpSync(join(root, "LICENSE"), join(to, "LICENSE"));
  cpSync(join(from, "README.md"), join(to, "README.md"));
  if (name !== "evenkeel") return;
  cpSync(join(from, "bin"), join(to, "bin"), { recursive: true });
  chmodSync(join(to, "bin", "evenkeel.js"), 0o755);
}

type Manifest = Readonly<Record<string, unknown>>;

/** The manifest as published: code is in dist/, and what only tests use is left out. */
function published(name: PackageName, manifest: Manifest): Manifest {
  if (name === "evenkeel") return { ...manifest, files: ["bin", "dist"] };
  const entry = { types: "./dist/index.d.ts", default: "./dist/index.js" };
  return { ...manifest, exports: { ".": entry }, files: ["dist"] };
}

function pack(name: PackageName): void {
  const words = ["pack", "--silent", "--pack-destination", build];
  const output = execFileSync("npm", words, { cwd: staged(name), encoding: "utf8" });
  console.log(`packed build/${output.trim()}`);
}

function staged(name: PackageName): string {
  return join(build, "packages", name);
}
