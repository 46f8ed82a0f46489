import { Gate } from "./gate";
import type { Banner, Choices, Method, Receipt } from "./protocol";
import { browserObjects, isOver, ReceiptStore } from "./store";
import { View } from "./view";

type Listener = (choices: Choices) => void;

const nothing: Choices = { analytics: false, preferences: false };

/** `window.tenetConsent` of the page: what is allowed now, and who wants to hear of changes. */
class Consent {
  #choices = nothing;
  #receipt: Receipt | null = null;
  #view: View | null = null;
  #listeners: Listener[] = [];
  #busy = false;
  readonly #gate = new Gate();
  readonly #store: ReceiptStore;

  constructor(
    readonly base: string,
    readonly key: string,
  ) {
    this.#store = new ReceiptStore(key);
  }

  get choices(): Choices {
    return { ...this.#choices };
  }

  /** Hears each change, and what holds now. */
  on(_topic: "change", listener: Listener): void {
    this.#listeners.push(listener);
    listener(this.choices);
  }

  open(): void {
    this.#view?.choose(this.#choices, browserObjects(), this.#receipt);
  }

  withdraw(): Promise<void> {
    return this.#say("withdrawal", nothing);
  }

  async start(language: string, nonce: string): Promise<void> {
    const response = await fetch(`${this.base}api/privacy/consent/${encodeURIComponent(this.key)}?language=${language}`, {
      credentials: "omit",
    });
    if (!response.ok) return console.error(`Tenet: the consent banner did not start (${response.status}). Check data-key and the allowed origins.`);
    const banner = (await response.json()) as Banner;
    if (document.readyState === "loading") await new Promise((done) => addEventListener("DOMContentLoaded", done, { once: true }));
    const privacyUrl = banner.privacyUrl && new URL(banner.privacyUrl, this.base).href;
    this.#view = new View(
      { ...banner, privacyUrl },
      {
        accept: () => void this.#say("accept_all", { analytics: true, preferences: true }),
        reject: () => void this.#say("reject_all", nothing),
        save: (choices) => void this.#say("preferences", choices),
        withdraw: () => void this.withdraw(),
        open: () => this.open(),
      },
      nonce,
    );
    for (const link of document.querySelectorAll("[data-tenet-consent]"))
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.open();
      });
    this.#receipt = this.#store.read(new Date());
    const over = this.#receipt !== null && isOver(this.#receipt, banner.renewBefore);
    if (this.#receipt && !over) {
      this.#view.done();
      this.#apply(this.#receipt.choices);
    } else if (browserObjects()) {
      // The browser has said no: there is nothing to ask, only something to keep to.
      await this.#say("signal", nothing);
    } else this.#view.ask(over);
  }

  async #say(method: Method, choices: Choices): Promise<void> {
    if (this.#busy || !this.#view) return;
    this.#busy = true;
    try {
      const { notice, language } = this.#view.banner;
      const response = await fetch(`${this.base}api/privacy/consent`, {
        method: "POST",
        credentials: "omit",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ site: this.key, person: this.#receipt?.person ?? null, notice, language, method, choices }),
      });
      if (!response.ok) throw new Error(String(response.status));
      this.#receipt = (await response.json()) as Receipt;
      this.#store.write(this.#receipt);
      this.#view.done();
      this.#apply(this.#receipt.choices);
    } catch {
      // Not proven, so not given: a refusal holds at once all the same.
      if (method !== "accept_all" && method !== "preferences") this.#apply(nothing);
      if (method === "signal") this.#view.done();
      else this.#view.failed();
    } finally {
      this.#busy = false;
    }
  }

  #apply(choices: Choices): void {
    const less = (this.#choices.analytics && !choices.analytics) || (this.#choices.preferences && !choices.preferences);
    this.#choices = choices;
    this.#gate.apply(choices);
    for (const listener of this.#listeners) {
      try {
        listener(this.choices);
      } catch (error) {
        reportError(error);
      }
    }
    if (less) this.#gate.withdraw();
  }
}

// `currentScript` is known only while the script itself runs.
const script = document.currentScript as HTMLScriptElement | null;
const page = window as unknown as { tenetConsent?: Consent };
if (script?.dataset.key && !page.tenetConsent) {
  page.tenetConsent = new Consent(new URL(".", script.src).href, script.dataset.key);
  const language = script.dataset.language ?? (document.documentElement.lang || navigator.language);
  page.tenetConsent.start(language.split("-")[0] ?? "en", script.nonce ?? "").catch(() => console.error("Tenet: the consent banner did not start."));
} else if (script && !script.dataset.key) console.error("Tenet: the script tag needs data-key, the workspace's widget key.");
