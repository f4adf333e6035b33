# The shell and its tools: sort, awk, sed, uniq, grep, find, tar, xz.
seq 200000 | awk '{print ($1 * 7919) % 100003, $1}' | sort -n | sha256sum
seq 200000 | awk '{total[$1 % 1000] += $1} END {print length(total), total[7]}'
seq 100000 | sed -e 's/1/one/g' -e 's/\(.\)\(.\)/\2\1/' | sort | uniq -c |
  sha256sum
seq 300000 | split -l 10000 - part.
sort -m <(sort part.aa) <(sort part.ab) | tail -1
for file in part.*; do md5sum < "$file"; done | sort -u | wc -l
tar --sort=name --mtime=@0 --owner=0 --group=0 -cf parts.tar part.*
xz -1 -T2 --keep parts.tar
xz -dc parts.tar.xz | tar -xOf - part.ac | sha256sum
gzip -n < parts.tar | gzip -dc | sha256sum
find . -name 'part.*' -print0 | xargs -0 grep -l 12345 | sort
for i in $(seq 100); do (echo "$i"); done | tail -1
printf '%s\n' {1..5000} | while read -r line; do echo "$line"; done | wc -l
