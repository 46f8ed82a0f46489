/** @odoo-module **/

import { readStream } from "./stream";

/** A refusal of Tenet: `code` as documented, `wait` in seconds when it says so. */
export class Refused extends Error {
    constructor(status, problem, wait) {
        super(problem.detail || problem.title || String(status));
        this.status = status;
        this.code = problem.code || (status ? "internal" : "unreachable");
        this.wait = wait;
    }
}

/**
 * Tenet's API for one browser tab. Each request carries a new token, made by Odoo for the signed-in user; the refresh token of the
 * grant is in memory only.
 */
export class Tenet {
    /** `token(sid)` asks Odoo for a token. */
    constructor(api, token) {
        this.api = api;
        this.token = token;
        this.sid = null;
        this.refreshToken = null;
        this.opening = null;
    }

    async json(method, path, body) {
        const response = await this.request(method, path, body);
        return response.status === 204 || response.status === 202 ? null : response.json();
    }

    /** One turn. Gives whether the stream came to its end. */
    async turn(question, onEvent, signal) {
        const response = await this.request("POST", "/turns", question, { accept: "text/event-stream", signal });
        return readStream(response, onEvent);
    }

    async request(method, path, body, { accept = "application/json", signal } = {}) {
        for (let attempt = 0; ; attempt++) {
            await this.grant();
            try {
                return await this.send(method, path, body, this.sid, accept, signal);
            } catch (error) {
                if (attempt || !(error instanceof Refused) || !this.renewed(error.code)) {
                    throw error;
                }
            }
        }
    }

    /** Whether the same request may go again with a refreshed or new grant. */
    renewed(code) {
        if (code === "grant_stale") {
            this.opening = this.refresh();
            return true;
        }
        if (code === "grant_ended") {
            this.opening = null;
            return true;
        }
        return code === "token_replayed" || code === "token_expired";
    }

    grant() {
        if (!this.opening) {
            this.opening = this.open(null, "/grants");
            this.opening.catch(() => (this.opening = null));
        }
        return this.opening;
    }

    async refresh() {
        try {
            await this.open(this.sid, "/grants/refresh", { refresh_token: this.refreshToken });
        } catch (error) {
            if (!(error instanceof Refused) || error.status !== 401) {
                this.opening = null;
                throw error;
            }
            await this.open(null, "/grants");
        }
    }

    async open(sid, path, body) {
        const grant = await (await this.send("POST", path, body, sid, "application/json")).json();
        this.sid = grant.sid;
        this.refreshToken = grant.refresh_token;
    }

    async send(method, path, body, sid, accept, signal) {
        const headers = { Authorization: `Bearer ${await this.token(sid)}`, Accept: accept };
        if (body !== undefined) {
            headers["Content-Type"] = "application/json";
        }
        const options = { method, headers, signal, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };
        let response;
        try {
            response = await fetch(this.api + path, { ...options, body: body === undefined ? undefined : JSON.stringify(body) });
        } catch (error) {
            if (error.name === "AbortError") {
                throw error;
            }
            throw new Refused(0, {});
        }
        if (!response.ok) {
            const problem = await response.json().catch(() => ({}));
            throw new Refused(response.status, problem, Number(response.headers.get("Retry-After")) || null);
        }
        return response;
    }
}
