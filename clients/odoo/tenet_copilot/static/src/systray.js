/** @odoo-module **/

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Component, useState } from "@odoo/owl";

export class CopilotButton extends Component {
    static template = "tenet_copilot.Button";
    static props = ["*"];

    setup() {
        this.copilot = useState(useService("tenet_copilot"));
    }
}

registry.category("systray").add("tenet_copilot", { Component: CopilotButton }, { sequence: 26 });
