// What the bundles of the widget and of its tests need beyond esbuild.
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { transform } from "esbuild";

/** Style sheets become minified strings; esbuild's own text loader would keep their whitespace. */
const styles = {
  name: "styles",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: "es2022" });
      return { contents: code.trim(), loader: "text" };
    }),
};

/** Translations become lines in the order of English's keys: five copies of the keys would cost a visitor 700 bytes. */
const languages = {
  name: "languages",
  setup: ({ onLoad }) =>
    onLoad({ filter: /i18n\/\w+\.json$/ }, async ({ path }) => {
      if (basename(path) === "en.json") return undefined;
      const keys = Object.keys(JSON.parse(await readFile(join(dirname(path), "en.json"), "utf8")));
      const texts = JSON.parse(await readFile(path, "utf8"));
      const name = basename(path);
      const errors = [
        ...keys
          .filter((key) => !texts[key]?.trim() || texts[key].includes("\n"))
          .map((key) => `${name} lacks "${key}" (one line of text).`),
        ...Object.keys(texts)
          .filter((key) => !keys.includes(key))
          .map((key) => `${name} has "${key}", which en.json does not.`),
      ];
      return { contents: keys.map((key) => texts[key]).join("\n"), loader: "text", errors: errors.map((text) => ({ text })) };
    }),
};

export const plugins = [styles, languages];
