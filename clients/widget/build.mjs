// Bundles the widget into one script, keeps it small, and hands it to the server's static files.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { plugins } from "./plugins.mjs";

const largest = 20_000;
const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, "dist/widget.js");

await build({
  entryPoints: [join(here, "src/main.ts")],
  outfile: output,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  sourcemap: "linked",
  legalComments: "none",
  plugins,
  logLevel: "warning",
});
const size = gzipSync(await readFile(output), { level: 9 }).length;
console.log(`widget.js: ${size.toLocaleString("en")} bytes gzipped (at most ${largest.toLocaleString("en")})`);
if (size > largest) {
  console.error("The widget is too large: visitors pay for every byte. Make it smaller.");
  process.exit(1);
}
const server = join(here, "../../src/Tenet");
if (existsSync(server)) {
  await mkdir(join(server, "wwwroot"), { recursive: true });
  for (const name of ["widget.js", "widget.js.map"]) await copyFile(join(here, "dist", name), join(server, "wwwroot", name));
}
