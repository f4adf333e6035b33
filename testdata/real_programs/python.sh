# python3: JSON, dicts, threads, subprocesses.
cat > program.py <<'PROGRAM'
import collections
import hashlib
import json
import re
import subprocess
import threading

table = {str(i): [i, i * 2, {"key": "v" * (i % 50)}] for i in range(100000)}
text = json.dumps(table, sort_keys=True)
assert json.loads(text) == table
print(len(text), hashlib.sha256(text.encode()).hexdigest())

words = collections.Counter(re.findall(r"\w+", text))
print(sorted(words.items())[:5])

results = []


def churn(seed):
    blocks = [bytes((seed * 31 + i * 17) % 3000) for i in range(30000)]
    kept = {i: blocks[i] for i in range(0, 30000, 7)}
    results.append(sum(map(len, kept.values())))


threads = [threading.Thread(target=churn, args=(i,)) for i in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(results))

for i in range(30):
    done = subprocess.run(["/bin/echo", "child", str(i)], check=True,
                          capture_output=True)
    print(done.stdout)
PROGRAM
python3 program.py
