{
    "name": "Tenet Copilot",
    "summary": "An assistant inside Odoo that keeps nothing: messages stay in your database",
    "version": "1.0.0",
    "category": "Productivity",
    "license": "LGPL-3",
    "author": "Tenet",
    "depends": ["base_setup", "mail", "web"],
    "external_dependencies": {"python": ["cryptography", "requests"]},
    "data": [
        "security/groups.xml",
        "security/ir.model.access.csv",
        "security/rules.xml",
        "views/connect_views.xml",
        "views/action_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "web.assets_backend": ["tenet_copilot/static/src/**/*", ("remove", "tenet_copilot/static/src/**/*.dark.scss")],
        "web.assets_web_dark": ["tenet_copilot/static/src/**/*.dark.scss"],
    },
    "uninstall_hook": "uninstall_hook",
    "application": True,
}
