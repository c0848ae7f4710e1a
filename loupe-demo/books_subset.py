#!/usr/bin/env python3
"""Make the bundled books.jsonl.gz: every held-out chapter and two of three others of the full corpus, in its order.

    python3 books_subset.py FULL_BOOKS.jsonl.gz OUT.jsonl.gz
"""
import gzip, json, sys

with gzip.open(sys.argv[1], "rt", encoding="utf-8") as full, gzip.GzipFile(sys.argv[2], "wb", compresslevel=9, mtime=0) as out:
    for number, line in enumerate(full):
        if json.loads(line)["meta"]["split"] == "held-out" or number % 3:
            out.write(line.encode())
