#!/usr/bin/env bash
# run_python.sh PROGRAM.py ARGS...: a Python test as a shell test. An argument
# "ROOT" stands for the checkout that this runs from: where the marker file
# really lies. Such a test reads files that Bazel does not track, so it carries
# the tag "external" and runs each time.
set -euo pipefail
arguments=()
for argument in "$@"; do
  if [ "$argument" = ROOT ]; then
    argument=$(dirname "$(readlink -f MODULE.bazel)")
  fi
  arguments+=("$argument")
done
export PYTHONDONTWRITEBYTECODE=1
exec python3 "${arguments[@]}"
