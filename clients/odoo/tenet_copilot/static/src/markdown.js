/** @odoo-module **/

/**
 * The Markdown of answers as data: blocks of {type, level?, items?, rows?, spans}. The template renders it as text nodes,
 * so no HTML of an answer ever becomes HTML of the page.
 */
export function blocks(text) {
    const found = [];
    let fence = null;
    for (const line of (text || "").replace(/\r/g, "").split("\n")) {
        if (fence) {
            if (/^```/.test(line)) {
                fence = null;
            } else {
                fence.text += (fence.text ? "\n" : "") + line;
            }
            continue;
        }
        if (/^```/.test(line)) {
            fence = { type: "code", text: "" };
            found.push(fence);
            continue;
        }
        add(found, line);
    }
    return found.filter((block) => block.type !== "gap").map((block, key) => ({ ...block, key }));
}

function add(found, line) {
    const last = found[found.length - 1];
    const heading = /^(#{1,4})\s+(.*)$/.exec(line);
    const bullet = /^\s*[-*]\s+(.*)$/.exec(line);
    const numbered = /^\s*\d+[.)]\s+(.*)$/.exec(line);
    if (!line.trim()) {
        found.push({ type: "gap" });
    } else if (heading) {
        found.push({ type: "heading", spans: spans(heading[2]) });
    } else if (/^\s*\|.*\|\s*$/.test(line)) {
        addRow(found, last, line);
    } else if (bullet || numbered) {
        const type = bullet ? "bullets" : "numbers";
        const list = last && last.type === type ? last : { type, items: [] };
        if (list !== last) {
            found.push(list);
        }
        list.items.push({ key: list.items.length, spans: spans((bullet || numbered)[1]) });
    } else if (last && last.type === "paragraph") {
        last.raw += " " + line.trim();
        last.spans = spans(last.raw);
    } else {
        found.push({ type: "paragraph", raw: line.trim(), spans: spans(line.trim()) });
    }
}

function addRow(found, last, line) {
    const cells = line.trim().slice(1, -1).split("|");
    if (cells.every((cell) => /^\s*:?-+:?\s*$/.test(cell))) {
        return;
    }
    const table = last && last.type === "table" ? last : { type: "table", rows: [] };
    if (table !== last) {
        found.push(table);
    }
    const key = table.rows.length;
    table.rows.push({ key, head: key === 0, cells: cells.map((cell, at) => ({ key: at, spans: spans(cell.trim()) })) });
}

/** Bold, italic, code and citations of one line. */
export function spans(text) {
    const found = [];
    const pattern = /\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|`([^`]+)`|\[(\d{1,3})\]/g;
    let at = 0;
    for (const match of text.matchAll(pattern)) {
        if (match.index > at) {
            found.push({ type: "text", text: text.slice(at, match.index) });
        }
        const [, bold, italic, code, cite] = match;
        found.push(
            cite
                ? { type: "cite", n: Number(cite) }
                : { type: bold ? "bold" : italic ? "italic" : "code", text: bold || italic || code }
        );
        at = match.index + match[0].length;
    }
    if (at < text.length) {
        found.push({ type: "text", text: text.slice(at) });
    }
    return found.map((span, key) => ({ ...span, key }));
}
