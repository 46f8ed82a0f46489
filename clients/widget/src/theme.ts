/** A customer's colour, fitted to a theme so that every text on it and in it keeps the 4.5:1 of WCAG 2.2. */
export interface Accent {
  /** Fill of buttons and of the visitor's bubbles. */
  fill: string;
  /** Text on the fill. */
  onFill: string;
  /** Links and marks on paper and on the wash. */
  ink: string;
}

type Rgb = readonly number[];

/** Up to this luminance a colour is readable on the lightest wash, and white is readable on it. */
const darkEnough = 0.14;
/** From this luminance on it is readable on the dark wash. */
const lightEnough = 0.3;
/** Where black on a colour becomes better readable than white: both have 4.58:1. */
const middle = 0.179;

/** `color` is `#rgb` or `#rrggbb`; anything else is no colour, and the house's own stays. */
export function accentFor(color: string | null, theme: "light" | "dark"): Accent | null {
  const digits = /^#([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(color ?? "")?.[1];
  if (!digits) return null;
  const brand = (digits.match(digits.length < 6 ? /./g : /../g) ?? []).map((part) => Number.parseInt(part.padEnd(2, part), 16));
  const toward = theme === "light" ? 0 : 255;
  let ink: Rgb = brand;
  for (let step = 1; step < 20 && (toward ? luminance(ink) < lightEnough : luminance(ink) > darkEnough); step++) {
    ink = brand.map((part) => part + ((toward - part) * step) / 20);
  }
  const fill = theme === "light" ? brand : ink;
  return { fill: css(fill), onFill: luminance(fill) > middle ? "#000" : "#fff", ink: css(ink) };
}

/** Relative luminance of WCAG 2.2, 0 to 1. */
export function luminance(color: Rgb): number {
  const [r = 0, g = 0, b = 0] = color.map((part) => (part <= 10 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function css(color: Rgb): string {
  return `rgb(${color.map(Math.round).join(" ")})`;
}
