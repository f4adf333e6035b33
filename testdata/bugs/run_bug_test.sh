#!/usr/bin/env bash
# The test of the runner itself, as a shell test.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$(dirname "$0")/run_bug_test.py"
