import type { Receipt } from "./protocol";

/** The receipt of the last choice, which the browser keeps so that nobody is asked twice. Before a choice nothing is kept. */
export class ReceiptStore {
  readonly #name: string;

  constructor(key: string) {
    this.#name = `tenet-consent:${key}`;
  }

  /** Null when nothing was chosen, or so long ago that it is to be asked again. */
  read(now: Date): Receipt | null {
    try {
      const receipt = JSON.parse(localStorage.getItem(this.#name) ?? "null") as Receipt | null;
      return receipt && Date.parse(receipt.validUntil) > now.getTime() ? receipt : null;
    } catch {
      return null;
    }
  }

  write(receipt: Receipt): void {
    try {
      localStorage.setItem(this.#name, JSON.stringify(receipt));
    } catch {
      // Closed storage: the choice holds for this page.
    }
  }
}

/** Whether somebody agreed to what has changed since. Who refused is not asked again. */
export function isOver(receipt: Receipt, renewBefore: string | null): boolean {
  const { analytics, preferences } = receipt.choices;
  return renewBefore !== null && (analytics || preferences) && Date.parse(receipt.at) < Date.parse(renewBefore);
}

/** Whether the browser itself asks not to be tracked: Global Privacy Control, or Do Not Track. */
export function browserObjects(): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean };
  return globalPrivacyControl === true || doNotTrack === "1";
}
