import type { Notice, State, ThreadMessage } from "../state";

/** One row of the thread, in order. Rows keep their key while they change. */
export type Row =
  { kind: "notice" | "event"; key: string; text: string } | { kind: "message"; key: string; message: ThreadMessage; last: boolean };

/** A notice stands before the answer that it is about. */
export function rowsOf(state: State, words: (message: ThreadMessage) => string): Row[] {
  const rows: Row[] = [];
  let untold = state.notices;
  const tell = (isDue: (notice: Notice) => boolean) => {
    for (const notice of untold.filter(isDue)) rows.push({ kind: "notice", key: notice.turnId + notice.code, text: notice.text });
    untold = untold.filter((notice) => !isDue(notice));
  };

  state.messages.forEach((message, i) => {
    if (message.from !== "visitor") tell((notice) => notice.turnId === message.turnId);
    const text = words(message);
    // The row keeps its key when the server's copy replaces the one being sent.
    const key = message.clientId ?? message.id;
    if (message.kind === "event" || message.from === "system") rows.push({ kind: "event", key, text });
    else if (text) rows.push({ kind: "message", key, message, last: i === state.messages.length - 1 });
  });
  tell(() => true);
  return rows;
}
