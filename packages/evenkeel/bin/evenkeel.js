#!/usr/bin/env node
// Plain JavaScript for any Node: finds a Node new enough, then the program beside it.
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const OLDEST = 24;
const here = dirname(fileURLToPath(import.meta.url));

if (Number(process.versions.node.split(".")[0]) >= OLDEST) {
  // In a checkout the sources run as they are; the published package has them compiled.
  const source = join(here, "..", "src", "cli", "main.ts");
  const entry = existsSync(source) ? source : join(here, "..", "dist", "cli", "main.js");
  // What was compiled once starts in half the time. Beside the code, so that whoever may write there
  // could have changed the code itself; where nobody may, it goes without.
  const cache = join(here, "..", ".compile-cache");
  module.enableCompileCache(cache);
  process.env.NODE_COMPILE_CACHE = cache;
  const { main } = await import(pathToFileURL(entry).href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  await runWithNewerNode();
}

// A checkout brings its own Node as a package.
async function runWithNewerNode() {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(
      `evenkeel: this is Node ${process.versions.node}; Evenkeel needs Node ${OLDEST} or newer. ` +
        "Install it from https://nodejs.org, or beside Evenkeel with: npm install node@24\n",
    );
    process.exitCode = 2;
    return;
  }
  const { spawn } = await import("node:child_process");
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1"]) {
    process.on(signal, () => {
      // A terminal's Ctrl-C and Ctrl-\ reach the child by themselves: they must not count twice.
      const isKey = signal === "SIGINT" || signal === "SIGQUIT";
      if (!isKey || !process.stdin.isTTY) child.kill(signal);
    });
  }
  process.exitCode = await new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`evenkeel: ${node} does not start: ${error.message}\n`);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

function findNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    const node = join(dirname(manifest), "bin", "node");
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}
