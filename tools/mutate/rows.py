"""Reads testdata/rows.txt: which tests hold which capability."""

import os


def read_rows(root):
    """{row: [labels]}"""
    rows = {}
    with open(os.path.join(root, "testdata", "rows.txt"),
              encoding="utf-8") as file:
        for line in file:
            line = line.partition("#")[0].strip()
            if not line:
                continue
            row, _, labels = line.partition(":")
            rows.setdefault(row, []).extend(labels.split())
    return rows
