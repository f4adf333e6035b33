"""Real programs and what they are given to do: about a second each."""

import os


class Workload:
    def __init__(self, name, program, command, clean=None):
        self.name = name
        self.program = program
        self.command = command
        self.clean = clean  # run before each turn, not measured


PYTHON = """\
import json, hashlib
data = [{"id": i, "name": "item %d" % i, "tags": [str(j) for j in range(8)]}
        for i in range(40000)]
for _ in range(3):
    data = json.loads(json.dumps(data))
data.sort(key=lambda item: hashlib.md5(item["name"].encode()).hexdigest())
print(len(data), data[0]["name"])
"""

PERL = """\
my (%words, @lines);
for my $i (1 .. 300000) {
  my $word = "w" . ($i * 7919 % 50021);
  $words{$word} .= " $i";
  push @lines, join(",", $word, length $words{$word}) if $i % 3 == 0;
}
print scalar(keys %words), " ", scalar(sort @lines), "\\n";
"""

SQL = """\
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<200000)
INSERT INTO t SELECT i, 'row ' || (i*7919%100003), i/7.0 FROM n;
COMMIT;
CREATE INDEX tb ON t(b);
SELECT count(*), sum(c) FROM t WHERE b LIKE 'row 9%';
SELECT b, count(*) FROM t GROUP BY b ORDER BY 2 DESC LIMIT 5;
DELETE FROM t WHERE a % 3 = 0;
VACUUM;
"""

CXX = """\
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <unordered_map>
#include <vector>
std::map<std::string, std::vector<std::unique_ptr<int>>> table;
bool Matches(const std::string& text) {
  return std::regex_match(text, std::regex("[a-z]+[0-9]*"));
}
int main() { return Matches("abc12") ? 0 : 1; }
"""

GIT = """\
set -e
git init -q r
cd r
git config user.email a@example.org
git config user.name a
for i in $(seq 60); do
  seq $i $((i * 50)) >f$((i % 20))
  git add -A
  git commit -qm "c$i"
done
git gc -q
git log -p >/dev/null
git clone -q . ../r2
"""

WORKLOADS = (
    Workload("python3", "python3", "python3 work.py"),
    Workload("python3, all by malloc", "python3",
             "PYTHONMALLOC=malloc python3 work.py"),
    Workload("perl", "perl", "perl work.pl"),
    Workload("sqlite3", "sqlite3", "sqlite3 db <work.sql", "rm -f db"),
    Workload("git", "git", "sh work_git.sh", "rm -rf r r2"),
    Workload("g++", "g++", "g++ -std=c++17 -O1 -c work.cc -o work.o"),
    Workload("200 starts of true", "true",
             "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i + 1)); done"),
    Workload("sort", "sort", "sort -k2 lines >sorted"),
    Workload("awk", "awk",
             "awk '{ n[$2] += $1 } END { for (k in n) s += n[k]; print s }' "
             "lines"),
    Workload("xz", "xz", "xz -3 -k -f lines"),
)


def prepare(folder):
    """Writes what the workloads read."""
    files = {"work.py": PYTHON, "work.pl": PERL, "work.sql": SQL,
             "work.cc": CXX, "work_git.sh": GIT}
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    with open(os.path.join(folder, "lines"), "w", encoding="utf-8") as file:
        for i in range(400000):
            print(i, i * 2654435761 % 1000003, "some text to carry", file=file)
