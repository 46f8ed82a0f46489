import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseLanguage, fill } from "../src/i18n";
import { accentFor, luminance } from "../src/theme";

const channels = (css: string) =>
  css.startsWith("#") ? [...css.slice(1)].map((d) => Number.parseInt(d + d, 16)) : (css.match(/\d+/g) ?? []).map(Number);

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(channels(a)), luminance(channels(b))].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test("Any brand colour stays readable in both themes", () => {
  for (let r = 0; r < 256; r += 51) {
    for (let g = 0; g < 256; g += 51) {
      for (let b = 0; b < 256; b += 51) {
        const color = `#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
        for (const [theme, paper] of [
          ["light", [255, 255, 255]],
          ["dark", [20, 22, 26]],
        ] as const) {
          const accent = accentFor(color, theme);
          assert.ok(accent);
          // As in tokens.css: a tenth of the accent on paper.
          const wash = `rgb(${paper.map((part, i) => Math.round(part * 0.9 + (channels(accent.ink)[i] ?? 0) * 0.1)).join(" ")})`;
          assert.ok(contrast(accent.fill, accent.onFill) >= 4.5, `${color} on ${theme}: ${JSON.stringify(accent)}`);
          assert.ok(contrast(accent.ink, wash) >= 4.5, `${color} as ${theme} ink: ${JSON.stringify(accent)}`);
        }
      }
    }
  }
});

test("What is no colour leaves the house's own", () => {
  for (const color of [null, "", "red", "#12345", "url(x)", "#12345g"]) assert.equal(accentFor(color, "light"), null);
  assert.equal(accentFor("#abc", "light")?.fill, accentFor("#aabbcc", "light")?.fill);
});

test("The first language that we speak is chosen", () => {
  assert.equal(chooseLanguage([null, "tlh", "de-AT", "fr"]).language, "de");
  assert.equal(chooseLanguage(["en-GB", "de"]).language, "en");
  assert.equal(chooseLanguage(["constructor", ""]).language, "en");
  assert.equal(chooseLanguage(["vi"]).strings.send, "Gửi");
});

test("A value is put in as it is", () => {
  assert.equal(fill("Chat with {0}", "$& Sons"), "Chat with $& Sons");
});
