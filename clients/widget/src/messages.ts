import type { Message } from "./protocol";

/** A message as the thread shows it. Until the server has numbered it, it carries how the sending goes. */
export interface ThreadMessage extends Omit<Message, "seq"> {
  /** Null until the server has numbered it. */
  seq: number | null;
  delivery?: "sending" | "failed";
  /** What the server said against it, for a person. */
  problem?: string;
}

export function outgoing(clientId: string, text: string, at: string): ThreadMessage {
  return {
    id: clientId,
    clientId,
    seq: null,
    from: "visitor",
    author: null,
    text,
    citations: [],
    at,
    turnId: null,
    state: null,
    helpful: null,
    kind: "text",
    delivery: "sending",
  };
}

/** Puts a message in its place; one known by id or by the sender's clientId is replaced. */
export function place(messages: readonly ThreadMessage[], message: ThreadMessage): readonly ThreadMessage[] {
  const known = (m: ThreadMessage) => m.id === message.id || (message.clientId != null && m.clientId === message.clientId);
  const existing = messages.find(known);
  // A retry comes back to the place where the visitor wrote it.
  if (existing && message.seq === null) return messages.map((m) => (m === existing ? { ...message, at: m.at } : m));
  const kept = { ...message, clientId: message.clientId ?? existing?.clientId ?? null };
  const rest = messages.filter((m) => !known(m));
  const after = message.seq === null ? -1 : rest.findIndex((m) => m.seq === null || m.seq > (message.seq as number));
  return after < 0 ? [...rest, kept] : [...rest.slice(0, after), kept, ...rest.slice(after)];
}

export function change(
  messages: readonly ThreadMessage[],
  clientId: string,
  values: Partial<ThreadMessage>,
  ...without: ("delivery" | "problem")[]
): readonly ThreadMessage[] {
  return messages.map((m) => {
    if (m.clientId !== clientId || !m.delivery) return m;
    const changed = { ...m, ...values };
    for (const key of without) delete changed[key];
    return changed;
  });
}
