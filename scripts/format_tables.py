#!/usr/bin/env python3
"""Writes the tables of docs/formats/*.md from the descriptions in schemas/.

A table stands between `<!-- table FILE NAME -->` and `<!-- end -->`: the keys of definition NAME in
schemas/FILE.schema.json, of the file itself where NAME is `whole`. With --check nothing is written, and it fails where
a table is not up to date.
"""
import argparse
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = re.compile(r"(<!-- table (\w+) (\w+) -->\n).*?(<!-- end -->)", re.S)


def described(schema):
    """The description beside a reference, else the schema's own; the values of an enumeration behind it."""
    text = schema.get("description", "")
    if len(schema.get("enum", [])) > 1:
        text += ("; " if text else "") + ", ".join(f"`{value}`" for value in schema["enum"])
    return text


def table_of(file, name):
    schema = json.loads((ROOT / "schemas" / f"{file}.schema.json").read_text(encoding="utf-8"))
    part = schema if name == "whole" else schema["definitions"][name]
    rows = ["| key | what |", "| --- | --- |"]
    for key, value in part["properties"].items():
        text = described(value)
        if not text:
            raise SystemExit(f"schemas/{file}.schema.json: {name}.{key} has no description")
        rows.append(f"| `{key}` | {text} |")
    return "\n".join(rows) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a table is not up to date")
    check = parser.parse_args().check
    stale = []
    for path in sorted((ROOT / "docs" / "formats").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        fresh = TABLE.sub(lambda m: m[1] + table_of(m[2], m[3]) + m[4], text)
        if fresh == text:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if not check:
            path.write_text(fresh, encoding="utf-8")
    if check and stale:
        sys.exit("not up to date: " + ", ".join(stale) + "; run scripts/format_tables.py")


if __name__ == "__main__":
    main()
