# Read by test: the checks and tests of the Odoo addon.
# shellcheck shell=bash

# A Python that has the addon's one dependency beyond Odoo's own.
need_python() {
  local candidate
  for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import cryptography' 2>/dev/null && { PYTHON=$candidate; return; }
  done
  install_packages python3 python3-cryptography
  PYTHON=/usr/bin/python3
}

# Python's unittest ends with "Ran 65 tests in 0.3s" and "OK" or "FAILED (failures=1, errors=2)".
python_tests() {
  local code=0 ran bad
  (cd clients/odoo && "$PYTHON" -B -m unittest discover -t . -s tests) >artifacts/step.log 2>&1 || code=$?
  ran=$(sed -nE 's/^Ran ([0-9]+) tests? .*/\1/p' artifacts/step.log)
  bad=$(awk '/^FAILED/ { for (at = 1; at <= NF; at++) { gsub(/[^0-9]/, "", $at); bad += $at } } END { print bad + 0 }' artifacts/step.log)
  [ "$code" = 0 ] || tail -60 artifacts/step.log >&2
  [ "$code" = 0 ] && [ "${ran:-0}" -gt 0 ] || [ "${bad:-0}" -gt 0 ] || bad=1
  say "$([ "${bad:-0}" = 0 ] && echo ✓ || echo ✗) Odoo addon: tests without an Odoo"
  count $((${ran:-0} - ${bad:-0} > 0 ? ${ran:-0} - ${bad:-0} : 0)) "${bad:-0}"
}

odoo_addon() {
  need_python
  step "Odoo addon: compiles" env PYTHONPYCACHEPREFIX="$PWD/artifacts/pycache" "$PYTHON" -m compileall -q -f clients/odoo
  step "Odoo addon: files" "$PYTHON" -B clients/odoo/check.py
  python_tests
  node_tests "Odoo addon: panel" node --test clients/odoo/tests/browser.test.mjs
}

# odoo_in PATH: installs the addon into a new database of the Odoo at PATH and runs the addon's tests there.
# ODOO_PYTHON is its Python (else PATH/venv, or the system's). The database server is a new one, on loopback, gone afterwards.
odoo_in() {
  local code=0 ran bad version
  [ -f "$1/odoo-bin" ] || fail "There is no odoo-bin in $1."
  version=$(sed -nE 's/^version_info = \(([0-9]+).*/\1/p' "$1/odoo/release.py")
  bash clients/odoo/in-odoo.sh "$1" >"artifacts/odoo-$version.log" 2>&1 || code=$?
  # "0 failed, 0 error(s) of 41 tests when loading database 'test'"
  read -r bad ran < <(sed -nE 's/.* ([0-9]+) failed, ([0-9]+) error\(s\) of ([0-9]+) tests.*/\1 \2 \3/p' "artifacts/odoo-$version.log" \
    | tail -1 | awk '{print $1 + $2, $3}') || true
  if [ "$code" != 0 ] || [ "${ran:-0}" = 0 ] || [ "${bad:-1}" != 0 ]; then
    grep -E ' (ERROR|CRITICAL) |^(FAIL|ERROR):|Error' "artifacts/odoo-$version.log" | tail -40 >&2 || true
    [ "${bad:-0}" -gt 0 ] || bad=1
  fi
  say "$([ "${bad:-0}" = 0 ] && echo ✓ || echo ✗) Odoo addon: ${ran:-0} tests in Odoo $version"
  count $((${ran:-0} - ${bad:-0} > 0 ? ${ran:-0} - ${bad:-0} : 0)) "${bad:-0}"
}
