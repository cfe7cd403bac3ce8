#!/usr/bin/python3
"""Encodes record batches with kafka-python, a Kafka implementation of others.

encode.py CODEC BATCHES   reads JSON lines (timestamp, key, headers, value),
writes them to stdout as that many batches. CODEC: 0 none, 1 gzip, 2 snappy,
3 lz4, 4 zstd.
"""
import base64
import json
import sys

from kafka.record.default_records import DefaultRecordBatchBuilder


def data(value):
    if value is None:
        return None
    if isinstance(value, dict):
        return base64.b64decode(value["b64"])
    return value.encode()


def encode(codec, messages):
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=codec, is_transactional=0, producer_id=-1,
        producer_epoch=-1, base_sequence=-1, batch_size=1 << 30)
    for offset, message in enumerate(messages):
        builder.append(
            offset, message["timestamp"], data(message["key"]),
            data(message["value"]),
            [(name, data(value)) for name, value in message["headers"]])
    return bytes(builder.build())


codec, batches = int(sys.argv[1]), int(sys.argv[2])
messages = [json.loads(line) for line in sys.stdin]
size = (len(messages) + batches - 1) // batches
for start in range(0, len(messages), size):
    sys.stdout.buffer.write(encode(codec, messages[start:start + size]))
