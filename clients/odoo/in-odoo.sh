#!/usr/bin/env bash
# in-odoo.sh PATH: a new database server and database, the addon installed in the Odoo at PATH, its tests run. The log goes to stdout.
# PostgreSQL and Odoo do not run as root: then both run as the user postgres, who must be able to read PATH.
set -euo pipefail
odoo=$(cd "$1" && pwd)
addons=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${ODOO_PYTHON:-$odoo/venv/bin/python3}
[ -x "$python" ] || python=/usr/bin/python3
bin=${PGBIN:-$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)}
work=$(mktemp -d)
chmod 755 "$work"
cp -r "$addons/tenet_copilot" "$work/"
mkdir -p "$work/addons" "$work/data" "$work/socket"
mv "$work/tenet_copilot" "$work/addons/"
as=()
if [ "$(id -u)" = 0 ]; then
  chown -R postgres "$work"
  as=(runuser -u postgres --)
fi
stop() {
  "${as[@]}" "$bin/pg_ctl" -D "$work/pg" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap stop EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port)
"${as[@]}" "$bin/initdb" -D "$work/pg" -U odoo -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$work/pg" -l "$work/pg.log" -w -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$work/socket \
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off" start >/dev/null
demo=()
grep -q '^version_info = (1[78],' "$odoo/odoo/release.py" || demo=(--with-demo)
# Odoo's own packages have all apps in one folder, its repository in two.
apps="$odoo/odoo/addons"
[ -d "$odoo/addons" ] && apps="$apps,$odoo/addons"
cd "$odoo"
"${as[@]}" env -u PGHOST HOME="$work" PYTHONDONTWRITEBYTECODE=1 "$python" odoo-bin --addons-path "$apps,$work/addons" \
  --data-dir "$work/data" --db_host 127.0.0.1 --db_port "$port" --db_user odoo --db-filter '^test$' --http-interface 127.0.0.1 --http-port "$(free_port)" \
  -d test -i "${ODOO_MODULES:-crm,sale_management},tenet_copilot" "${demo[@]}" --test-enable --test-tags /tenet_copilot --stop-after-init --max-cron-threads 0 2>&1
