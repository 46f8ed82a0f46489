import de from "./de.json";
import en from "./en.json";
import es from "./es.json";
import fr from "./fr.json";
import vi from "./vi.json";

export type Strings = typeof en;

/** The build packs every language but English to lines in English's order, and fails when one lacks a key. */
const packed = { de, es, fr, vi } as unknown as Record<string, string>;

/** The first of the wishes (language tags, best first) that we speak; English when none. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[]): { language: string; strings: Strings } {
  for (const wish of wishes) {
    const language = wish?.toLowerCase().split(/[-_]/)[0] ?? "";
    if (language === "en") break;
    if (Object.hasOwn(packed, language)) return { language, strings: unpack(packed[language] as string) };
  }
  return { language: "en", strings: en };
}

/** Puts a value into a text's `{0}`. */
export function fill(text: string, value: string | number): string {
  return text.replace("{0}", () => String(value));
}

function unpack(lines: string): Strings {
  const texts = lines.split("\n");
  return Object.fromEntries(Object.keys(en).map((key, i) => [key, texts[i]])) as Strings;
}
