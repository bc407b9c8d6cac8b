#!/usr/bin/env python3
"""A decoder of trades as a program that the gate can ask: see docs/ci.md, "In your own CI"."""
import argparse
import json
import os
import struct
import sys

MASK = 2**64 - 1
FIELD, OFFSET, FINAL = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9  # of harness/sinks/digest.h


def fold(a, b):
    return ((a * b) + (a * b >> 64)) & MASK


def digest_of_fields(record, offset):
    """All bytes of a trade are of fields, so its 8-byte words are those of the digest."""
    words, place, found = struct.unpack("<6Q", record), (offset + 1) * OFFSET & MASK, 0
    for i in 0, 2, 4:
        found += fold(words[i] ^ ((i + 1) * FIELD & MASK), words[i + 1] ^ place)
    return found


def read_all(path, end):
    """Up to so many bytes of the file, and in how many calls."""
    pieces, calls, fd = [], 0, os.open(path, os.O_RDONLY)
    while end > 0:
        pieces.append(os.read(fd, min(end, 1 << 20)))
        calls += 1
        end = end - len(pieces[-1]) if pieces[-1] else 0
    os.close(fd)
    return b"".join(pieces), calls


def decode(path, sink, end):
    """Number of records, their bytes, the digest, and read calls with their bytes."""
    data, calls = read_all(path, end)
    first = 8 + struct.unpack_from("<I", data, 4)[0]
    count = (len(data) - first) // 48
    found = 0
    for at in range(first, first + 48 * count, 48):
        if sink == "fields":
            found += digest_of_fields(data[at : at + 48], at)
        else:
            time, price, size = struct.unpack_from("<8xQqI", data, at)
            found += time * FIELD + price * OFFSET + size * FINAL
    return count, 48 * count, found, calls, len(data)


if sys.argv[1:] == ["list", "backends"]:
    print("  python  a toy")
    sys.exit()
parser = argparse.ArgumentParser(allow_abbrev=False)
parser.add_argument("command", choices=["decode"])
parser.add_argument("--json", action="store_true")
parser.add_argument("--backend", choices=["python"])
parser.add_argument("--sink", choices=["sum", "fields"])
parser.add_argument("--threads", type=int)
parser.add_argument("--end", type=int, default=MASK)
parser.add_argument("file", nargs="+")
asked = parser.parse_args()
records, size, digest, reads, bytes_read = map(sum, zip(*(decode(path, asked.sink, asked.end) for path in asked.file)))
print(
    json.dumps(
        {
            "backend": asked.backend,
            "sink": asked.sink,
            "files": len(asked.file),
            "outcome": "OK",
            "records": records,
            "bytes": size,
            "digest": f"{digest & MASK:016x}",
            "reads": reads,
            "bytes_read": bytes_read,
        }
    )
)
