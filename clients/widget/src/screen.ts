import type { Config } from "./protocol";
import { addStyles } from "./styles";
import { accentFor } from "./theme";

/** The widget's place on the page: a host element with a shadow tree, its theme, and whether it covers the screen. */
export class Screen {
  readonly root = document.createElement("div");

  readonly #host = document.createElement("tenet-widget");
  readonly #small = matchMedia("(max-width: 480px), (max-height: 440px)");
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  #panel: HTMLElement | null = null;
  #pageOverflow: string | null = null;

  readonly #config: Config;
  readonly #onChange: () => void;

  constructor(config: Config, language: string, nonce: string, onChange: () => void) {
    this.#config = config;
    this.#onChange = onChange;
    const shadow = this.#host.attachShadow({ mode: "open" });
    addStyles(shadow, nonce);
    this.root.className = "root";
    this.root.lang = language;
    this.root.dataset.side = config.position === "left" ? "left" : "right";
    shadow.append(this.root);
    this.#paint();
    this.#fit();
    this.#dark.addEventListener("change", () => this.#paint());
    this.#small.addEventListener("change", () => {
      this.#fit();
      this.#onChange();
    });
    window.visualViewport?.addEventListener("resize", () => this.#fit());
  }

  get full(): boolean {
    return this.#small.matches;
  }

  get focused(): boolean {
    return document.activeElement === this.#host;
  }

  /** Beside the body, which some sites replace when they change pages. */
  attach(): void {
    document.documentElement.append(this.#host);
  }

  setOpen(open: boolean, panel: HTMLElement | null): void {
    this.#panel = panel;
    this.root.toggleAttribute("data-open", open);
    this.#fit();
  }

  #paint(): void {
    const { theme } = this.#config;
    const shown = theme === "dark" || (theme !== "light" && this.#dark.matches) ? "dark" : "light";
    this.root.dataset.theme = shown;
    const accent = accentFor(this.#config.color, shown);
    if (!accent) return;
    const { style } = this.root;
    style.setProperty("--fill", accent.fill);
    style.setProperty("--on-fill", accent.onFill);
    style.setProperty("--accent", accent.ink);
  }

  /** Full screen: the page behind stands still, and the panel ends where a phone's keyboard begins. */
  #fit(): void {
    const covers = this.full && this.#panel !== null;
    this.root.toggleAttribute("data-full", this.full);
    const page = document.documentElement.style;
    if (covers && this.#pageOverflow === null) {
      this.#pageOverflow = page.overflow;
      page.overflow = "hidden";
    } else if (!covers && this.#pageOverflow !== null) {
      page.overflow = this.#pageOverflow;
      this.#pageOverflow = null;
    }
    const keyboard = covers && window.visualViewport && window.visualViewport.height < window.innerHeight - 80;
    if (this.#panel) this.#panel.style.height = keyboard ? `${window.visualViewport?.height}px` : "";
  }
}
