#!/bin/sh
exec python3 "$(dirname "$0")/leaks_test.py" "$@"
