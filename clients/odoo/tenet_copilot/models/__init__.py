from . import action, connect, connection, message, nonce, res_config_settings, session
from . import panel
