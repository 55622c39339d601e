#!/bin/sh
# Runs the `sallyport` command on the Node that the lock file names, whatever older Node started npm.
self=$(readlink -f "$0")
home=$(dirname "$(dirname "$self")")
node="$home/node_modules/.bin/node"
[ -x "$node" ] || node=node
exec "$node" "$home/src/main.ts" "$@"
