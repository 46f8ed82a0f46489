import { categories, type Choices } from "./protocol";

/**
 * Lets the page's own scripts run once their category is allowed: `<script type="text/plain" data-consent="analytics" src="…">`.
 * A script that ran cannot be taken back, so a withdrawal loads the page anew.
 */
export class Gate {
  #ran = false;

  apply(choices: Choices): void {
    for (const category of categories) {
      if (!choices[category]) continue;
      for (const script of document.querySelectorAll<HTMLScriptElement>(`script[type="text/plain"][data-consent="${category}"]`)) {
        const live = document.createElement("script");
        for (const { name, value } of script.attributes) if (name !== "type" && name !== "data-consent") live.setAttribute(name, value);
        if (script.nonce) live.nonce = script.nonce;
        live.text = script.text;
        script.replaceWith(live);
        this.#ran = true;
      }
    }
  }

  withdraw(): void {
    if (this.#ran) location.reload();
  }
}
