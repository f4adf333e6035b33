#!/bin/sh
# watch_test.sh PROGRAM [LIBRARY]
exec python3 testdata/watch/watch_test.py "$@"
