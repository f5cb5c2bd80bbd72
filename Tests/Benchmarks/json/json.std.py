"""Reads or prints the contacts as often as the second argument says, with Python's own module."""
import json
import sys

what, count = sys.argv[1], int(sys.argv[2])
with open("data/contacts.json", encoding="utf-8") as file:
    text = file.read()
value = json.loads(text)
size = 0
out = ""
if what == "parse":
    for _ in range(count):
        size += len(json.loads(text)["data"])
else:
    for _ in range(count):
        out = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    size = len(out)
print(size)
