#!/bin/sh
# The `sallyport` command.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$home/src/node.sh" "$home/src/main.ts" "$@"
