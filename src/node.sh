#!/bin/sh
# Runs a script on the Node that the lock file names, whatever Node is on the PATH. By the package itself, not by
# `node_modules/.bin/node`: npm before 11 removes that link when it leaves out the package for the other architecture.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
for node in "$home"/node_modules/node-linux-*/bin/node; do
  [ -x "$node" ] || continue
  # The one library that Node needs and a minimal Debian lacks.
  for library in /lib/*/libatomic.so.1 /usr/lib/*/libatomic.so.1 /lib64/libatomic.so.1 /usr/lib64/libatomic.so.1; do
    [ -e "$library" ] && exec "$node" "$@"
  done
  "$node" --version >/dev/null 2>&1 && exec "$node" "$@"
  echo "Node 26 does not start here: install libatomic (Debian and Ubuntu: apt install libatomic1)." >&2
  exit 1
done
echo "Node 26 is not installed here: run \`npm ci\` in $home (Linux on x64 or arm64)." >&2
exit 1
