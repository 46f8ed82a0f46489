# Pure Python: nothing here imports Odoo, so the tests run without one.
