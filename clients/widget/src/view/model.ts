import type { Strings } from "../i18n";
import type { Config, Rating } from "../protocol";
import type { TabMemory } from "../storage";
import type { State, ThreadMessage } from "../state";

/** What the views show. */
export interface Model {
  state: State;
  config: Config;
  t: Strings;
  language: string;
  lost: boolean;
  /** The panel covers the whole screen. */
  full: boolean;
  /** Whether the visitor is as old as the chat asks; undefined before they said so. */
  ofAge: boolean | undefined;
}

/** What the visitor can do. Promises reject when the server did not take it. */
export interface Actions {
  close(): void;
  send(text: string): void;
  retry(clientId: string): void;
  /** Asks for a person, or shows the offline form when nobody is there. */
  askPerson(): void;
  rate(message: ThreadMessage, rating: Rating): Promise<void>;
  leaveMessage(form: { name?: string; email: string; text: string }): Promise<void>;
  startAnew(): Promise<void>;
  /** What a reload of this tab must not lose. */
  keep(values: Partial<TabMemory>): void;
}
