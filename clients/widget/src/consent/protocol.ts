/** What the server says of the banner; the names are those of its JSON. */
export interface Banner {
  name: string;
  color: string;
  theme: string;
  language: string;
  privacyUrl: string | null;
  notice: string;
  texts: Texts;
  /** Who agreed before this moment is asked again: what they agreed to has changed since. */
  renewBefore: string | null;
}

type TextKey =
  | "title"
  | "lead"
  | "renew"
  | "accept"
  | "reject"
  | "choose"
  | "save"
  | "close"
  | "essential"
  | "essentialMore"
  | "analytics"
  | "analyticsMore"
  | "preferences"
  | "preferencesMore"
  | "always"
  | "privacy"
  | "signal"
  | "reopen"
  | "withdraw"
  | "receipt"
  | "failed";
export type Texts = Readonly<Record<TextKey, string>>;

export interface Choices {
  analytics: boolean;
  preferences: boolean;
}

export type Category = keyof Choices;
export const categories: readonly Category[] = ["analytics", "preferences"];

export type Method = "accept_all" | "reject_all" | "preferences" | "withdrawal" | "signal";

export interface Receipt {
  id: string;
  person: string;
  choices: Choices;
  signal: string;
  at: string;
  validUntil: string;
}
