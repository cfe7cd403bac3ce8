#!/usr/bin/python3
"""Decodes segment files with kafka-python, a Kafka implementation of others.

decode.py FILE...   one JSON object a line for each record, checksums verified.
Zeros end a file: they are space written ahead.
"""
import base64
import json
import struct
import sys

from kafka.record.memory_records import MemoryRecords


def log_of(data):
    """The bytes before the zeros that were written ahead."""
    at = 0
    while at + 12 <= len(data):
        length = struct.unpack_from(">i", data, at + 8)[0]
        if length == 0:
            break
        at += 12 + length
    if data[at:].strip(b"\0"):
        sys.exit("bytes that are no batch at %d" % at)
    return data[:at]


def text(data):
    if data is None:
        return None
    data = bytes(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(data).decode()}


def decode(path):
    with open(path, "rb") as segment:
        records = MemoryRecords(log_of(segment.read()))
    while records.has_next():
        batch = records.next_batch()
        if not batch.validate_crc():
            sys.exit("%s: a batch has a bad checksum" % path)
        for record in batch:
            yield {
                "offset": record.offset,
                "timestamp": record.timestamp,
                "key": text(record.key),
                "headers": [[n, text(v)] for n, v in record.headers],
                "value": text(record.value),
            }


for name in sys.argv[1:]:
    for line in decode(name):
        print(json.dumps(line, ensure_ascii=False))
