#!/usr/bin/env bash
# Debian's programs that tests drive: a browser for the dashboard and the report, LibreOffice for workbooks, slides and VBA,
# node for the Sheets script, pdftoppm to draw pages, promtool for the alert's query. As root they are installed; otherwise
# the tests that want one of them are skipped, and say so.
set -euo pipefail

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v soffice >/dev/null || packages+=(libreoffice-calc-nogui libreoffice-impress-nogui)
command -v pdftoppm >/dev/null || packages+=(poppler-utils)
command -v node >/dev/null || packages+=(nodejs)
/usr/bin/python3 -c 'import uno' 2>/dev/null || packages+=(python3-uno)
promtool=$(command -v promtool || true)
[ ${#packages[@]} -eq 0 ] && [ -n "$promtool" ] && exit

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "not here, and only root may install them (Debian's packages): ${packages[*]:-} ${promtool:-promtool}; their tests are skipped"
    exit
fi
apt-get update --quiet
[ ${#packages[@]} -eq 0 ] || apt-get install --quiet --yes --no-install-recommends "${packages[@]}"
# Debian's package would start a server: only the program is taken out of it.
if [ -z "$promtool" ]; then
    folder=$(mktemp -d)
    (cd "$folder" && apt-get -o APT::Sandbox::User=root download --quiet prometheus && dpkg-deb --extract prometheus_*.deb .)
    install "$folder/usr/bin/promtool" /usr/local/bin/
    rm -r "$folder"
fi
