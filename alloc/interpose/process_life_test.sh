#!/bin/bash
# process_life_test.sh LIBRARY|"" PROGRAM: the program ends with status 7, says
# that it lived to the end (its child, too), and nothing is reported.
set -u
library=$1
program=$2
[ -z "$library" ] || export LD_PRELOAD=$PWD/$library
output=$(timeout 60 "$program" 2>&1)
status=$?
unset LD_PRELOAD
if [ $status -ne 7 ] || [ "$output" != $'alive to the end\nalive to the end' ]
then
  echo "status $status, output:"
  echo "$output"
  exit 1
fi
