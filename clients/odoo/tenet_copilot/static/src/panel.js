/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { blocks } from "./markdown";

export class Markdown extends Component {
    static template = "tenet_copilot.Markdown";
    static props = { text: String, onCite: Function };

    get blocks() {
        return blocks(this.props.text);
    }
}

export class ApprovalCard extends Component {
    static template = "tenet_copilot.Approval";
    static props = { card: Object, onDecide: Function, onLook: Function, writes: Boolean, kept: Boolean };

    get changes() {
        const { card } = this.props;
        const changes = card.outcome?.state === "conflict" && card.outcome.changes ? card.outcome.changes : card.changes || [];
        return changes.map((change, key) => ({ ...change, key }));
    }

    get title() {
        const titles = {
            create_record: _t("Create"),
            update_record: _t("Change"),
            archive_record: _t("Archive"),
            confirm_order: _t("Confirm the order"),
            post_message: _t("Post on"),
            schedule_activity: _t("Plan an activity on"),
        };
        return titles[this.props.card.action] || this.props.card.action;
    }

    get expired() {
        return !this.props.card.outcome && Date.parse(this.props.card.expires_at) < Date.now();
    }

    get canLook() {
        return ["lost", "executing"].includes(this.props.card.outcome?.state);
    }

    get outcome() {
        const outcome = this.props.card.outcome;
        const texts = {
            done: _t("Done"),
            declined: _t("Declined. Nothing was changed."),
            conflict: _t("The record has changed meanwhile. Nothing was written: look at the values now and ask again."),
            failed: outcome?.text || _t("Odoo refused. Nothing was changed."),
            unknown: _t("Odoo did not answer. Look at the record before you ask again."),
            lost: _t("No answer came. Whether it was done is not known yet."),
            executing: _t("It is being carried out. Look again in a few minutes."),
            expired: _t("Expired. Ask again."),
            read_only: _t("Only reading is allowed. Nothing was changed."),
            action_off: _t("This action is switched off. Nothing was changed."),
        };
        return texts[outcome?.state] || null;
    }

    shown(value) {
        if (value === null || value === undefined || value === "") {
            return _t("empty");
        }
        return value === true ? _t("yes") : value === false ? _t("no") : String(value);
    }
}

export class CopilotPanel extends Component {
    static template = "tenet_copilot.Panel";
    static components = { Markdown, ApprovalCard };
    static props = ["*"];

    setup() {
        this.copilot = useState(useService("tenet_copilot"));
        this.action = useService("action");
        this.orm = useService("orm");
        this.local = useState({ draft: "", comment: null, commentText: "", renaming: null, title: "", removing: null, receipt: null });
        this.body = useRef("body");
        this.input = useRef("input");
        useEffect(
            () => {
                if (this.body.el && this.copilot.view === "chat") {
                    this.body.el.scrollTop = this.body.el.scrollHeight;
                }
            },
            () => [this.copilot.open, this.copilot.messages.length, this.copilot.pending?.text.length, this.copilot.view]
        );
        useEffect(
            () => this.input.el?.focus(),
            () => [this.copilot.open, this.copilot.loaded, this.copilot.view]
        );
    }

    get suggestions() {
        return [_t("What did we sell this month?"), _t("Which invoices are overdue?"), _t("Who are our largest customers?")];
    }

    get messages() {
        const { messages, pending } = this.copilot;
        return pending ? [...messages, pending] : messages;
    }

    get status() {
        const { status, model } = this.copilot.pending || {};
        if (status === "reading") {
            return model ? _t("Looking in Odoo (%s) …", model) : _t("Looking in Odoo …");
        }
        return status === "writing" ? _t("Preparing the change …") : _t("Thinking …");
    }

    onKeydown(event) {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            this.send();
        }
    }

    onPanelKeydown(event) {
        if (event.key === "Escape") {
            this.copilot.open = false;
        }
    }

    async send(text) {
        const question = text || this.local.draft;
        if (!question.trim() || this.copilot.pending) {
            return;
        }
        this.local.draft = "";
        if (this.input.el) {
            this.input.el.value = ""; // typed and sent within one frame, the model has not seen the text
        }
        await this.copilot.ask(question);
        this.input.el?.focus();
    }

    again() {
        const questions = this.copilot.messages.filter((message) => message.role === "user");
        return this.send(questions[questions.length - 1]?.text);
    }

    sourceTitle(source) {
        return source.label || source.model;
    }

    cite(message, n) {
        const source = message.sources.find((one) => one.n === n);
        return source && this.openSource(source);
    }

    openSource(source) {
        this.copilot.open = window.innerWidth >= 576; // on a phone the panel covers the record
        const ids = source.ids || [];
        if (source.kind === "record" && ids.length === 1) {
            return this.openRecord(source.model, ids[0]);
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: this.sourceTitle(source),
            res_model: source.model,
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: ids.length ? [["id", "in", ids]] : source.domain || [],
        });
    }

    openRecord(model, id) {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: model, res_id: id, views: [[false, "form"]] });
    }

    rate(message, helpful) {
        if (helpful) {
            this.local.comment = null;
            return this.copilot.rate(message, true);
        }
        this.local.comment = message.id;
        this.local.commentText = "";
        return this.copilot.rate(message, false);
    }

    async sendComment(message) {
        this.local.comment = null;
        await this.copilot.rate(message, false, this.local.commentText);
    }

    startRename(session) {
        this.local.renaming = session.id;
        this.local.title = session.title;
    }

    async saveRename(session) {
        this.local.renaming = null;
        if (this.local.title.trim()) {
            await this.copilot.rename(session, this.local.title);
        }
    }

    async confirmRemove(session) {
        this.local.removing = null;
        await this.copilot.remove(session);
    }

    openSettings() {
        return this.action.doAction("base_setup.action_general_configuration");
    }

    get credits() {
        return _t("%s credits left", this.copilot.credits);
    }

    receiptTitle(receipt) {
        return _t("To %s. Stored at Tenet: nothing.", `${receipt.provider} (${receipt.model})`);
    }

    receiptRows(receipt) {
        return (receipt.sent || []).map((one, key) => ({ key, model: one.model, fields: (one.fields || []).join(", "), rows: one.rows }));
    }
}

registry.category("main_components").add("TenetCopilotPanel", { Component: CopilotPanel });
