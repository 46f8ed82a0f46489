/** The shapes that the server and the widget exchange. Times are UTC ISO 8601; texts of others are Markdown. */

export type From = "visitor" | "assistant" | "member" | "system";
export type Mode = "assistant" | "waiting" | "member";
export type StatusLine = "searching" | "reading" | "writing";

export interface Config {
  name: string;
  /** `#rrggbb`, or empty for the house colour. */
  color: string | null;
  position: "right" | "left";
  greeting: string | null;
  /** A language tag, or `auto` for the language of the page. */
  language: string | null;
  theme: "auto" | "light" | "dark";
  /** Some servers answer with a count, some with a flag. */
  agentsOnline: boolean | number;
  keepDays: number | null;
  privacyUrl: string | null;
  quickQuestions: string[];
  /** What is asked before the first message, by language. */
  age?: Record<string, AgeQuestion> | null;
}

export interface AgeQuestion {
  ask: string;
  yes: string;
  no: string;
  /** To who is younger. */
  thanks: string;
}

export interface Citation {
  number: number;
  title: string;
  /** Path of headings on the page: `Returns › Exchanging an item`. */
  heading: string;
  url: string;
}

export interface Message {
  id: string;
  clientId?: string | null;
  /** Position in the conversation, starting at 1. */
  seq: number;
  from: From;
  author: string | null;
  text: string;
  citations: Citation[];
  at: string;
  turnId: string | null;
  state: null | "answered" | "notFound" | "failed" | "handedOff" | "overBudget";
  helpful: boolean | null;
  kind: "text" | "event";
}

export interface Presence {
  state: "open" | "pending" | "snoozed" | "resolved";
  mode: Mode;
  assignee: { name: string } | null;
  agentsOnline: boolean | number;
}

export interface Conversation extends Presence {
  id: string;
  lastEventId: string | null;
  messages: Message[];
  turn: { turnId: string; text: string; status: StatusLine | null } | null;
}

/** Signed by the customer's own server, so that a visitor cannot claim to be somebody else. */
export interface Identity {
  id: string;
  email?: string;
  name?: string;
  issuedAt: string | number;
  signature: string;
}

export interface Page {
  url: string;
  title: string;
}

export interface Session {
  visitorId: string;
  token: string;
  conversation: Conversation | null;
}

export interface SentMessage {
  messageId: string;
  conversationId: string;
  turnId: string | null;
}

/** `email` asks that a person looks at the answer, and says where the outcome goes. */
export interface Rating {
  helpful: boolean;
  comment?: string;
  email?: string;
}

export type ServerEvent =
  | ({ type: "message" } & Message)
  | { type: "status"; turnId: string; line: StatusLine }
  | { type: "delta"; turnId: string; offset: number; text: string }
  | { type: "notice"; turnId: string; code: string; text: string }
  | ({ type: "conversation"; conversationId?: string } & Presence)
  | { type: "typing"; name: string };

/** The longest message that the server takes, in UTF-16 units. */
export const longestMessage = 4000;
