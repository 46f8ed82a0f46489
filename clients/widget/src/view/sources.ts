import { fill, type Strings } from "../i18n";
import { safeHref } from "../inline";
import type { Citation } from "../protocol";
import { h, set } from "./dom";
import { type Cite, linkTo } from "./markdown";

/** Where a source stands: `Returns › Exchanging an item`. The page's title is not said twice. */
export function trail({ title, heading }: Citation): string {
  const steps = [title, ...heading.split("›")].map((step) => step.trim()).filter((step, i, all) => step && step !== all[i - 1]);
  return steps.length > 2 ? `${steps[0]} › ${steps.at(-1)}` : steps.join(" › ");
}

/** Turns `[n]` into a badge that leads to the source. While the answer still streams, the sources are not known yet. */
export function citing(citations: readonly Citation[] | null, t: Strings): Cite {
  return (number) => {
    if (!citations) return h("span.badge", String(number));
    const citation = citations.find((c) => c.number === number);
    const href = citation && safeHref(citation.url);
    if (!href) return null;
    const badge = linkTo(href, String(number));
    badge.className = "badge";
    set(badge, { title: trail(citation), "aria-label": `${fill(t.source, number)}: ${trail(citation)}` });
    return badge;
  };
}

export function sourceList(citations: readonly Citation[]): Node | null {
  const items = [...citations]
    .sort((a, b) => a.number - b.number)
    .map((citation) => {
      const href = safeHref(citation.url);
      const content = [h("span.badge", String(citation.number)), h("span", trail(citation))];
      return h("li", href ? linkTo(href, ...content) : h("span", ...content));
    });
  return items.length ? h("ol.sources", ...items) : null;
}
