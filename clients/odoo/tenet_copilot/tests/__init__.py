from . import test_endpoint, test_panel, test_reads, test_rights, test_uninstall, test_writes
