#!/bin/sh
# leak_listener_test.sh CHECK PROGRAM [LIBRARY]: the program's tests fail that
# leak, and no others. With a library, that is preloaded.
set -eu
exec python3 "$@"
