/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { reactive } from "@odoo/owl";
import { Refused, Tenet } from "./tenet";

const SESSION = "tenet.copilot.session";
const MESSAGE = "tenet.copilot.message";
/** What became of a card whose end is not known yet: asked for again. */
const OPEN = ["lost", "executing"];

/** The state of the panel, one per browser tab, and what it can do. */
export class Copilot {
    constructor(env, orm) {
        this.env = env;
        this.orm = orm;
        this.open = false;
        this.view = "chat"; // or "sessions"
        this.loaded = false;
        this.allowed = true;
        this.connected = false;
        this.admin = false;
        this.sessions = [];
        this.session = null;
        this.messages = [];
        this.pending = null; // the answer that streams in
        this.credits = null;
        this.writes = true;
        this.problem = null;
        this.asked = false; // a person
    }

    async toggle() {
        this.open = !this.open;
        if (this.open) {
            await this.load();
        }
    }

    async load() {
        const state = await this.orm.call(SESSION, "copilot_state", []);
        this.allowed = state.allowed;
        this.connected = state.connected;
        this.admin = state.admin;
        this.language = state.language;
        this.timeZone = state.time_zone;
        if (!state.allowed) {
            this.loaded = true;
            return;
        }
        if (state.connected && (!this.tenet || this.tenet.api !== state.api)) {
            this.tenet = new Tenet(state.api, (sid) => this.orm.call(SESSION, "copilot_token", [sid || false]));
        }
        this.sessions = await this.orm.call(SESSION, "copilot_sessions", []);
        this.loaded = true;
        if (state.connected) {
            this.settings();
        }
    }

    async settings() {
        try {
            const settings = await this.tenet.json("GET", "/settings");
            this.credits = settings.credits_left;
            this.writes = settings.writes;
            if (!settings.enabled) {
                this.problem = { text: _t("The copilot is switched off for your group.") };
            }
        } catch (error) {
            if (error.status !== 404) {
                this.problem = { text: explain(error), retry: false };
            }
        }
    }

    newChat() {
        this.session = null;
        this.messages = [];
        this.problem = null;
        this.asked = false;
        this.view = "chat";
    }

    async show(session) {
        this.session = session;
        this.problem = null;
        this.asked = false;
        this.view = "chat";
        this.messages = await this.orm.call(SESSION, "copilot_messages", [[session.id]]);
        for (const message of this.messages) {
            for (const card of message.approvals.filter((one) => OPEN.includes(one.outcome?.state))) {
                this.look(message, card);
            }
        }
    }

    async rename(session, title) {
        Object.assign(session, await this.orm.call(SESSION, "copilot_rename", [[session.id], title]));
    }

    async remove(session) {
        await this.orm.call(SESSION, "copilot_delete", [[session.id]]);
        this.sessions = this.sessions.filter((one) => one.id !== session.id);
        if (this.session && this.session.id === session.id) {
            this.newChat();
        }
    }

    async ask(text) {
        if (this.pending || !text.trim()) {
            return;
        }
        this.problem = null;
        this.pending = { key: "pending", role: "assistant", text: "", sources: [], approvals: [], notices: [], status: "thinking", model: null };
        const pending = this.pending;
        try {
            const kept = await this.orm.call(SESSION, "copilot_ask", [this.session ? this.session.id : false, text]);
            this.session = kept.session;
            this.messages.push(kept.message);
            this.abort = new AbortController();
            const screen = currentScreen(this.env);
            const question = { session: kept.session.uuid, message: text, history: kept.history, language: this.language, time_zone: this.timeZone };
            if (screen) {
                question.screen = screen;
            }
            const ended = await this.tenet.turn(question, (name, data) => this.take(pending, name, data), this.abort.signal);
            if (!ended) {
                pending.state = "failed";
                this.problem = { text: _t("The answer was cut off. It was not charged. Ask again."), retry: true };
            }
        } catch (error) {
            pending.state = error.name === "AbortError" ? "stopped" : "failed";
            if (error.name !== "AbortError") {
                this.problem = { text: explain(error), retry: !(error instanceof Refused && error.status === 402) };
            }
        }
        await this.keep(pending);
    }

    take(pending, name, data) {
        if (name === "delta") {
            pending.text += data.text || "";
            pending.status = null;
        } else if (name === "status") {
            pending.turn = data.turn;
            pending.status = data.state;
            pending.model = data.model;
        } else if (name === "source") {
            pending.sources.push(data);
        } else if (name === "approval") {
            pending.approvals.push(data);
        } else if (name === "notice") {
            pending.notices.push({ ...data, key: pending.notices.length });
        } else if (name === "receipt") {
            pending.receipt = data;
        } else if (name === "done") {
            Object.assign(pending, { turn: data.turn, state: data.state, title: data.title });
            this.credits = data.credits_left;
        } else if (name === "error") {
            pending.state = "failed";
            this.problem = { text: data.text || explain({ code: data.code }), retry: data.retry };
        }
    }

    /** Writes the answer into the user's own Odoo. */
    async keep(pending) {
        try {
            if (this.session && (pending.text || pending.approvals.length)) {
                const { turn, state, text, sources, approvals, receipt, title } = pending;
                const answer = { turn, state, text, sources, approvals, receipt, title };
                const kept = await this.orm.call(SESSION, "copilot_answer", [[this.session.id], answer]);
                kept.message.notices = pending.notices;
                this.messages.push(kept.message);
                this.session = kept.session;
            }
            this.sessions = await this.orm.call(SESSION, "copilot_sessions", []);
        } finally {
            this.pending = null;
        }
    }

    stop() {
        this.abort?.abort();
    }

    async decide(message, card, decision) {
        card.busy = true;
        this.problem = null;
        try {
            if (decision === "approve") {
                await this.orm.call(SESSION, "copilot_approve", [
                    { id: card.id, action: card.action, model: card.model, ids: card.ids, changes: card.changes },
                ]);
            }
            const outcome = await this.tenet.json("POST", `/approvals/${card.id}`, { decision, hash: card.hash, ticket: card.ticket });
            card.outcome = { state: outcome.state, model: outcome.model, ids: outcome.ids, text: outcome.text, changes: outcome.changes };
        } catch (error) {
            if (error instanceof Refused && ["expired", "read_only", "action_off"].includes(error.code)) {
                card.outcome = { state: error.code };
            } else if (error instanceof Refused && (error.code === "decided" || !error.status || error.status >= 500)) {
                card.outcome = { state: "lost" }; // it may have come to Odoo all the same
            } else {
                this.problem = { text: explain(error) };
            }
        }
        if (["lost", "unknown"].includes(card.outcome?.state)) {
            await this.look(message, card);
            return;
        }
        card.busy = false;
        if (card.outcome) {
            await this.keepOutcome(message, card);
        }
    }

    /** What became of an approval whose answer did not come: this Odoo knows whether it was done, Tenet how far it was. */
    async look(message, card) {
        card.busy = true;
        try {
            if (await this.orm.call(MESSAGE, "copilot_was_done", [card.id])) {
                card.outcome = { state: "done", model: card.model, ids: card.ids };
            } else if (OPEN.includes(card.outcome?.state)) {
                const { state } = await this.tenet.json("GET", `/approvals/${card.id}`);
                card.outcome = state === "waiting" ? null : { state };
            }
        } catch {
            // As unknown as before.
        } finally {
            card.busy = false;
        }
        await this.keepOutcome(message, card);
    }

    keepOutcome(message, card) {
        return this.orm.call(MESSAGE, "copilot_decided", [[message.id], card.id, card.outcome || null]);
    }

    async rate(message, helpful, comment) {
        message.helpful = helpful ? "yes" : "no";
        await this.orm.call(MESSAGE, "copilot_rate", [[message.id], helpful, comment || ""]);
        if (message.turn) {
            const reason = helpful ? null : "other";
            await this.tenet.json("PUT", `/turns/${message.turn}/feedback`, { helpful, reason }).catch(() => {});
        }
    }

    async getPerson() {
        try {
            await this.tenet.json("POST", "/help", { session: this.session.uuid });
            this.asked = true;
        } catch (error) {
            this.problem = { text: explain(error) };
        }
    }
}

/** What the user looks at, where the client knows it. */
function currentScreen(env) {
    const controller = env.services.action?.currentController;
    const model = controller?.props?.resModel || controller?.action?.res_model;
    const id = controller?.currentState?.resId || controller?.props?.resId;
    return typeof model === "string" && Number.isInteger(id) && controller?.view?.type === "form" ? { model, id } : null;
}

export function explain(error) {
    const texts = {
        unreachable: _t("Tenet does not answer. Check your connection, then ask again."),
        no_credits: _t("No credits are left. An administrator can buy more."),
        switched_off: _t("The copilot is switched off for your group."),
        read_only: _t("Only reading is allowed. Nothing was changed."),
        rate_limited: _t("Too many questions at once. Wait a minute."),
        disconnected: _t("This Odoo is disconnected from Tenet. An administrator connects it in the settings."),
        origin: _t("Tenet knows this Odoo under another address. Open Odoo under the address it was connected with."),
    };
    if (error.status === 404) {
        return _t("This Tenet cannot do that yet.");
    }
    return texts[error.code] || error.data?.message || error.message || _t("That did not work. Ask again.");
}

export const copilotService = {
    dependencies: ["orm"],
    start(env, { orm }) {
        return reactive(new Copilot(env, orm));
    },
};

registry.category("services").add("tenet_copilot", copilotService);
