def uninstall_hook(env):
    """Tells Tenet, signed. What lies in this database goes with the models."""
    env["tenet.copilot.connection"].sudo()._disconnect("uninstall")
    env["ir.config_parameter"].sudo().search([("key", "=like", "tenet_copilot.%")]).unlink()
