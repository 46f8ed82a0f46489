import { change, outgoing, place, type ThreadMessage } from "./messages";
import type { Conversation, Message, Mode, Presence, ServerEvent, StatusLine } from "./protocol";

export type { ThreadMessage };

export interface Turn {
  turnId: string;
  text: string;
  status: StatusLine | null;
}

export interface Notice {
  turnId: string;
  code: string;
  text: string;
}

export interface State {
  conversationId: string | null;
  conversationState: Presence["state"];
  mode: Mode;
  assignee: string | null;
  agentsOnline: boolean;
  /** In the order of the thread: numbered ones first, then those on their way. */
  messages: readonly ThreadMessage[];
  turn: Turn | null;
  notices: readonly Notice[];
  typing: string | null;
  /** A piece of the stream is missing: the conversation must be read again. */
  gap: boolean;
}

export type Action =
  | ServerEvent
  | { type: "snapshot"; conversation: Conversation | null }
  | { type: "presence"; agentsOnline: boolean }
  | { type: "sending"; clientId: string; text: string; at: string }
  | { type: "sent"; clientId: string; messageId: string; conversationId: string; turnId: string | null }
  | { type: "unsent"; clientId: string; problem: string }
  | { type: "rated"; id: string; helpful: boolean | null }
  | { type: "quiet" };

export const emptyState: State = {
  conversationId: null,
  conversationState: "open",
  mode: "assistant",
  assignee: null,
  agentsOnline: false,
  messages: [],
  turn: null,
  notices: [],
  typing: null,
  gap: false,
};

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "snapshot":
      return takeSnapshot(state, action.conversation);
    case "presence":
      return { ...state, agentsOnline: action.agentsOnline };
    case "sending":
      return { ...state, messages: place(state.messages, outgoing(action.clientId, action.text, action.at)) };
    case "sent":
      return markSent(state, action);
    case "unsent":
      return { ...state, messages: change(state.messages, action.clientId, { delivery: "failed", problem: action.problem }) };
    case "rated":
      return { ...state, messages: state.messages.map((m) => (m.id === action.id ? { ...m, helpful: action.helpful } : m)) };
    case "message":
      return takeMessage(state, action);
    case "status":
      return takeStatus(state, action);
    case "delta":
      return takeDelta(state, action);
    case "notice":
      return takeNotice(state, action);
    case "conversation":
      return takePresence(state, action);
    case "typing":
      return { ...state, typing: action.name };
    case "quiet":
      return { ...state, typing: null };
    default:
      return state; // an event of a newer server
  }
}

function takeSnapshot(state: State, conversation: Conversation | null): State {
  const unsent = state.messages.filter((m) => m.delivery);
  if (!conversation) return { ...emptyState, agentsOnline: state.agentsOnline, messages: unsent };
  let messages: readonly ThreadMessage[] = unsent;
  for (const message of conversation.messages) messages = place(messages, message);
  return {
    ...emptyState,
    ...presenceOf(conversation),
    conversationId: conversation.id,
    messages,
    notices: conversation.id === state.conversationId ? state.notices : [],
    turn: conversation.turn,
  };
}

/** Another tab may have begun a new conversation: then what is shown is of two, and is read again. */
function takePresence(state: State, event: Presence & { conversationId?: string }): State {
  const { conversationId } = event;
  const moved = Boolean(conversationId && state.conversationId && conversationId !== state.conversationId);
  return {
    ...state,
    ...presenceOf(event),
    conversationId: state.conversationId ?? conversationId ?? null,
    typing: event.mode === "member" ? state.typing : null,
    turn: event.mode === "assistant" ? state.turn : null,
    gap: state.gap || moved,
  };
}

function takeMessage(state: State, message: Message): State {
  const endsTurn = message.from !== "visitor" && message.turnId !== null && message.turnId === state.turn?.turnId;
  return {
    ...state,
    messages: place(state.messages, message),
    turn: endsTurn ? null : state.turn,
    typing: message.from === "member" ? null : state.typing,
  };
}

function takeStatus(state: State, event: { turnId: string; line: StatusLine }): State {
  if (isFinished(state, event.turnId)) return state;
  const text = state.turn?.turnId === event.turnId ? state.turn.text : "";
  return { ...state, turn: { turnId: event.turnId, text, status: event.line } };
}

/** Offset 0 begins the answer (again); an offset further back repeats a piece; one beyond the end means a lost piece. */
function takeDelta(state: State, event: { turnId: string; offset: number; text: string }): State {
  if (isFinished(state, event.turnId)) return state;
  const turn = state.turn?.turnId === event.turnId ? state.turn : { turnId: event.turnId, text: "", status: null };
  if (event.offset > turn.text.length) return { ...state, turn, gap: true };
  const isRepeat = event.offset > 0 && turn.text.startsWith(event.text, event.offset);
  const text = isRepeat ? turn.text : turn.text.slice(0, event.offset) + event.text;
  return { ...state, turn: { ...turn, text } };
}

function takeNotice(state: State, { turnId, code, text }: Notice): State {
  if (state.notices.some((n) => n.turnId === turnId && n.code === code)) return state;
  return { ...state, notices: [...state.notices, { turnId, code, text }] };
}

function markSent(state: State, sent: { clientId: string; messageId: string; conversationId: string; turnId: string | null }): State {
  const begins = sent.turnId !== null && state.turn?.turnId !== sent.turnId && !isFinished(state, sent.turnId);
  return {
    ...state,
    conversationId: sent.conversationId,
    conversationState: state.conversationState === "resolved" ? "open" : state.conversationState,
    messages: change(state.messages, sent.clientId, { id: sent.messageId }, "delivery", "problem"),
    turn: begins && sent.turnId ? { turnId: sent.turnId, text: "", status: null } : state.turn,
  };
}

function presenceOf(presence: Presence): Partial<State> {
  return {
    conversationState: presence.state,
    mode: presence.mode,
    assignee: presence.assignee?.name ?? null,
    agentsOnline: Boolean(presence.agentsOnline),
  };
}

function isFinished(state: State, turnId: string): boolean {
  return state.messages.some((m) => m.turnId === turnId && m.from !== "visitor");
}
