#!/bin/sh
# Installs the other contestants of the bench: Prosody and ejabberd as Debian and Ubuntu have them, and HAProxy. Needs root.
# Their services are not started: the bench runs each of them itself, in a folder of its own.
set -eu
[ "$(id -u)" = 0 ] || { echo 'bench/install.sh needs root' >&2; exit 1; }
command -v apt-get >/dev/null || { echo 'bench/install.sh knows Debian and Ubuntu; install prosody, lua-unbound, ejabberd and haproxy yourself' >&2; exit 1; }
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-upgrade --no-install-recommends prosody lua-unbound ejabberd haproxy
