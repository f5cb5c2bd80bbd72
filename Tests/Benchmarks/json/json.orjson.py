"""Reads or prints the contacts as often as the second argument says, with orjson."""
import sys

import orjson

what, count = sys.argv[1], int(sys.argv[2])
with open("data/contacts.json", encoding="utf-8") as file:
    text = file.read()
value = orjson.loads(text)
size = 0
out = b""
if what == "parse":
    for _ in range(count):
        size += len(orjson.loads(text)["data"])
else:
    for _ in range(count):
        out = orjson.dumps(value)
    size = len(out.decode())
print(size)
