// Bundles each test, so that it sees what the build sees, and hands it to Node's own test runner.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { plugins } from "../plugins.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = join(here, "../dist/test");
const tests = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
await build({
  entryPoints: tests.map((name) => join(here, name)),
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  sourcemap: "inline",
  plugins,
  logLevel: "warning",
});
const files = tests.map((name) => join(outdir, name.replace(/\.ts$/, ".mjs")));
process.exitCode = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" }).status ?? 1;
