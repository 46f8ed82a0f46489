/** @odoo-module **/

/** Server-sent events, cut anywhere, as {event, data}. Unparsable data is left out. */
export class EventReader {
    constructor() {
        this.rest = "";
    }

    push(text) {
        this.rest += text;
        const events = [];
        let end;
        while ((end = this.rest.search(/\r?\n\r?\n/)) >= 0) {
            const block = this.rest.slice(0, end);
            this.rest = this.rest.slice(end).replace(/^\r?\n\r?\n/, "");
            const event = read(block);
            if (event) {
                events.push(event);
            }
        }
        return events;
    }
}

function read(block) {
    let name = "message";
    const data = [];
    for (const line of block.split(/\r?\n/)) {
        if (line.startsWith("event:")) {
            name = line.slice(6).trim();
        } else if (line.startsWith("data:")) {
            data.push(line.slice(5).trimStart());
        }
    }
    if (!data.length) {
        return null;
    }
    try {
        return { event: name, data: JSON.parse(data.join("\n")) };
    } catch {
        return null;
    }
}

/** Reads a response's body to its end. `onEvent(name, data)`; gives whether a last event (done, error) came. */
export async function readStream(response, onEvent) {
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const events = new EventReader();
    let finished = false;
    for (;;) {
        const { done, value } = await reader.read();
        const text = done ? decoder.decode() + "\n\n" : decoder.decode(value, { stream: true });
        for (const { event, data } of events.push(text)) {
            finished = finished || event === "done" || event === "error";
            onEvent(event, data);
        }
        if (done) {
            return finished;
        }
    }
}
