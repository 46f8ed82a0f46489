import { accentFor } from "../theme";
import { button, h, replace } from "../view/dom";
import { addSheet } from "../styles/sheet";
import tokens from "../styles/tokens.css";
import css from "./consent.css";
import { type Banner, categories, type Category, type Choices, type Receipt } from "./protocol";

export interface Acts {
  accept(): void;
  reject(): void;
  save(choices: Choices): void;
  withdraw(): void;
  open(): void;
}

/** The banner, the preference centre, and the small button that leads back to it. One shadow tree, untouched by the page's styles. */
export class View {
  readonly #root = h("div.root");
  readonly #bar = h("section.bar", { hidden: true });
  readonly #centre = h("dialog.centre") as HTMLDialogElement;
  readonly #reopen: HTMLButtonElement;

  constructor(
    readonly banner: Banner,
    readonly acts: Acts,
    nonce: string,
  ) {
    const host = document.createElement("tenet-consent");
    const shadow = host.attachShadow({ mode: "open" });
    addSheet(shadow, tokens + css, nonce);
    this.#theme();
    const { texts } = banner;
    this.#reopen = button("reopen", texts.reopen, acts.open);
    this.#reopen.hidden = true;
    this.#root.lang = banner.language;
    this.#root.append(this.#bar, this.#centre, this.#reopen);
    shadow.append(this.#root);
    document.body.append(host);
  }

  /** Asks. Refusing takes one click, as accepting does, with a button of the same size and colour. */
  ask(again: boolean): void {
    const { texts } = this.banner;
    this.#bar.setAttribute("aria-labelledby", "title");
    replace(
      this.#bar,
      h("h2", { id: "title" }, texts.title),
      again ? h("p.lead", texts.renew) : null,
      h("p.lead", texts.lead),
      h("div.actions", button("choice", texts.reject, this.acts.reject), button("choice", texts.accept, this.acts.accept)),
      h("div.links", button("quiet", texts.choose, this.acts.open), this.#privacy()),
    );
    this.#bar.hidden = false;
    this.#reopen.hidden = true;
  }

  /** The preference centre. Nothing is switched on beforehand that was not chosen. */
  choose(choices: Choices, objects: boolean, receipt: Receipt | null): void {
    const { texts } = this.banner;
    const boxes = {} as Record<Category, HTMLInputElement>;
    const rows = categories.map((category) => {
      boxes[category] = h("input", { type: "checkbox", role: "switch", id: category, "aria-describedby": `${category}-more` });
      boxes[category].checked = choices[category];
      return h(
        "div.category",
        h("label", { for: category }, texts[category]),
        boxes[category],
        h("p.more", { id: `${category}-more` }, texts[`${category}More`]),
      );
    });
    this.#centre.setAttribute("aria-labelledby", "centre");
    replace(
      this.#centre,
      h("h2", { id: "centre" }, texts.reopen),
      objects ? h("p.signal", texts.signal) : null,
      h("div.category", h("b", texts.essential), h("span.always", texts.always), h("p.more", texts.essentialMore)),
      ...rows,
      h(
        "div.actions",
        button("choice", texts.reject, this.acts.reject),
        button("choice", texts.save, () =>
          this.acts.save({ analytics: boxes.analytics.checked, preferences: boxes.preferences.checked }),
        ),
      ),
      h(
        "div.links",
        choices.analytics || choices.preferences ? button("quiet", texts.withdraw, this.acts.withdraw) : null,
        receipt ? h("a", { href: download(receipt), download: "consent-receipt.json" }, texts.receipt) : null,
        this.#privacy(),
        button("quiet", texts.close, () => this.#centre.close()),
      ),
    );
    if (!this.#centre.open) this.#centre.showModal();
  }

  done(): void {
    this.#bar.hidden = true;
    this.#centre.close();
    // A page with a link of its own to the centre needs no button of ours.
    this.#reopen.hidden = document.querySelector("[data-tenet-consent]") !== null;
  }

  failed(): void {
    const place = this.#centre.open ? this.#centre : this.#bar;
    place.querySelector(".failed")?.remove();
    place.append(h("p.failed", { role: "alert" }, this.banner.texts.failed));
  }

  #privacy(): HTMLElement | null {
    const { privacyUrl, texts } = this.banner;
    return privacyUrl ? h("a", { href: privacyUrl, target: "_blank", rel: "noopener" }, texts.privacy) : null;
  }

  #theme(): void {
    const dark = this.banner.theme === "dark" || (this.banner.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    const theme = dark ? "dark" : "light";
    this.#root.dataset.theme = theme;
    const accent = accentFor(this.banner.color, theme);
    if (!accent) return;
    for (const [name, value] of [
      ["--fill", accent.fill],
      ["--on-fill", accent.onFill],
      ["--accent", accent.ink],
    ] as const)
      this.#root.style.setProperty(name, value);
  }
}

function download(receipt: Receipt): string {
  return URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 2)], { type: "application/json" }));
}
