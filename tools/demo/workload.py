"""Real work for python3: builds, sorts and packs records, and prints them.

The output is the same at each run. Where dbgalloc serves malloc, the number of
allocations goes to the file that DEMO_STATISTICS names.
"""

import ctypes
import json
import os
import threading
import zlib

RECORDS = 30_000
FIELDS = ("allocations", "frees", "allocated_bytes", "freed_bytes",
          "live_blocks", "live_bytes", "errors", "quarantine_bytes",
          "metadata_bytes", "span_bytes")


class Statistics(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in FIELDS]


def record(number):
    word = format(number * 2654435761 % 2**32, "08x")
    return {"id": number, "name": f"item {word}",
            "tags": [word[i:i + 2] for i in range(0, 8, 2)],
            "price": number % 9973 / 7}


def pack(numbers, results, place):
    records = [record(number) for number in numbers]
    records.sort(key=lambda r: (r["tags"][0], r["name"]))
    text = json.dumps(records, indent=1)
    back = json.loads(text)
    results[place] = (len(back), zlib.crc32(zlib.compress(text.encode(), 1)))


def work():
    results = [None] * 4
    threads = [threading.Thread(target=pack,
                                args=(range(i, RECORDS, 4), results, i))
               for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for count, checksum in results:
        print(f"{count} records, {checksum:08x}")


def save_statistics(path):
    ask = getattr(ctypes.CDLL(None), "dbgalloc_get_stats", None)
    statistics = Statistics()
    if ask is None or ask(ctypes.byref(statistics),
                          ctypes.c_size_t(ctypes.sizeof(statistics))) != 0:
        return
    with open(path, "w", encoding="utf-8") as file:
        for name in FIELDS:
            print(name, getattr(statistics, name), file=file)


work()
save_statistics(os.environ["DEMO_STATISTICS"])
