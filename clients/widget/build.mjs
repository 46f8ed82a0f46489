// Bundles each script for customers' websites into one file, keeps it small, and hands it to the server's static files.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { plugins } from "./plugins.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const server = join(here, "../../src/Tenet");

/** `largest` in bytes, gzipped. */
const scripts = [
  { name: "widget.js", from: "src/main.ts", largest: 20_000 },
  { name: "consent.js", from: "src/consent/main.ts", largest: 8_000 },
];

for (const { name, from, largest } of scripts) {
  const output = join(here, "dist", name);
  await build({
    entryPoints: [join(here, from)],
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
  // By gzip itself, as ./test counts: Node's own compressor is built for speed, and differs from one processor to the next.
  const size = execFileSync("gzip", ["-9", "-c", output]).length;
  console.log(`${name}: ${size.toLocaleString("en")} bytes gzipped (at most ${largest.toLocaleString("en")})`);
  if (size > largest) {
    console.error(`${name} is too large: visitors pay for every byte. Make it smaller.`);
    process.exit(1);
  }
  if (existsSync(server)) {
    await mkdir(join(server, "wwwroot"), { recursive: true });
    for (const file of [name, `${name}.map`]) await copyFile(join(here, "dist", file), join(server, "wwwroot", file));
  }
}
