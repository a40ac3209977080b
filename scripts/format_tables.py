#!/usr/bin/env python3
"""Writes the tables and the glossary of docs/formats/*.md from the descriptions in schemas/.

A description is a meaning, the same wherever the key stands, then, after a semicolon, what is particular to the place.
`unit` beside it is the unit. Between these marks and `<!-- end -->` stand:

  <!-- table FILE NAME -->  the keys of definition NAME in schemas/FILE.schema.json, of the file itself where NAME is
                            `whole`
  <!-- hdf5 NAME -->        what schemas/hdf5.json says of a file
  <!-- words -->            all keys of all files: their meaning, unit and where they are

A key with two meanings is refused unless it is one of TWO_MEANINGS. With --check nothing is written, and it fails where
something is not up to date.
"""
import argparse
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MARK = re.compile(r"(<!-- (table|hdf5|words)((?: \w+)*) -->\n).*?(<!-- end -->)", re.S)

# What people see in a folder.
FILES = {
    "comparison": "compare.json",
    "done": "cell_<i>/DONE",
    "flashed": "flashed.json",
    "log": "metrics.jsonl",
    "page": "page.json",
    "passes": "cell_<i>/metrics.jsonl",
    "score": "score.json",
    "study": "study.json",
    "study_piece": "pieces/<name>.json",
    "subunits": "subunits.json",
    "transfer": "transfer.json",
}

# Renaming one of two would break files that are there.
TWO_MEANINGS = {
    "cells": "a list, or a number of cells in medians and means",
    "finished": "a number of pieces, or whether a fit has ended",
    "frames": "a movie, or a number of frames",
    "ln": "the LN model, or a figure of it among medians",
    "recording": "a checksum, a name, or what was recorded",
    "rows": "of a table, or of a stimulus",
    "spikes": "a number, or how counts scatter around the rate of a model cell",
    "study": "a whole study, or what it changes",
    "subunits": "a list of them, their nonlinearity, or a figure among medians",
    "type": "of a cell, or of packed numbers",
    "version": "of a file, or of the program",
}


def load(name):
    return json.loads((ROOT / "schemas" / name).read_text(encoding="utf-8"))


def described(schema):
    """The description beside a reference, else the schema's own; the values of an enumeration behind it."""
    text = schema.get("description", "")
    if len(schema.get("enum", [])) > 1:
        text += ("; " if text else "") + ", ".join(f"`{value}`" for value in schema["enum"])
    return text


def markdown(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def rows_of(head, rows):
    """A table; without the last column, the unit, where no row has one."""
    if not any(row[-1] for row in rows):
        head, rows = head[:-1], [row[:-1] for row in rows]
    return markdown(head, rows)


def table_of(file, name):
    schema = load(f"{file}.schema.json")
    part = schema if name == "whole" else schema["definitions"][name]
    rows = []
    for key, value in part["properties"].items():
        text = described(value)
        if not text:
            raise SystemExit(f"schemas/{file}.schema.json: {name}.{key} has no description")
        rows.append([f"`{key}`", text, value.get("unit", "")])
    return rows_of(["key", "what", "unit"], rows)


def hdf5_of(name):
    rows = []
    for entry in load("hdf5.json")["files"][name]["entries"]:
        thing = f"`{entry['dataset']}`" if "dataset" in entry else f"`{entry['object']}` attribute `{entry['attribute']}`"
        kind = entry["type"] + (f", {entry['when']}" if "when" in entry else "")
        rows.append([thing, kind, entry["what"], entry.get("unit", "")])
    return rows_of(["object", "type, shape", "what", "unit"], rows)


def keys_of_schema(root):
    """(key, description, unit) of all that a file can hold; what a page takes from other files is theirs."""
    found, seen, schemas = [], set(), {}

    def visit(node, file):
        if isinstance(node, list):
            for item in node:
                visit(item, file)
        if not isinstance(node, dict):
            return
        if "$ref" in node:
            other, _, place = node["$ref"].partition("#")
            other = other or file
            if (root == "page" and other != file) or (other, place) in seen:
                return
            seen.add((other, place))
            schema = schemas.setdefault(other, load(other))
            return visit(schema["definitions"][place.rsplit("/", 1)[1]] if place else schema, other)
        for key, value in node.get("properties", {}).items():
            found.append((key, value.get("description", ""), value.get("unit", "")))
            visit(value, file)
        for part in ("items", "oneOf", "anyOf", "allOf", "additionalProperties"):
            visit(node.get(part), file)

    visit(load(f"{root}.schema.json"), f"{root}.schema.json")
    return found


def all_keys():
    """{key: {(meaning, unit): files}}"""
    keys = {}
    found = [(file, *key) for root, file in FILES.items() for key in keys_of_schema(root)]
    for part in load("hdf5.json")["files"].values():
        for entry in part["entries"]:
            key = entry["dataset"].rsplit("/", 1)[1] if "dataset" in entry else entry["attribute"]
            found.append((part["file"], key, entry["what"], entry.get("unit", "")))
    for file, key, text, unit in found:
        if not text:
            raise SystemExit(f"{file}: {key} has no description")
        keys.setdefault(key, {}).setdefault((text.split(";")[0], unit), set()).add(file)
    two = {key for key, meanings in keys.items() if len(meanings) > 1}
    for key in sorted(two - set(TWO_MEANINGS)):
        raise SystemExit(f"the key {key} has two meanings: " + "; ".join(
            f"{meaning} [{unit}] in {', '.join(sorted(files))}" for (meaning, unit), files in keys[key].items()))
    if set(TWO_MEANINGS) - two:
        raise SystemExit("one meaning now: " + ", ".join(sorted(set(TWO_MEANINGS) - two)))
    return keys


def words():
    rows = []
    for key, meanings in sorted(all_keys().items()):
        for (meaning, unit), files in meanings.items():
            rows.append([f"`{key}`", meaning, unit, ", ".join(f"`{file}`" for file in sorted(files))])
    return markdown(["key", "meaning", "unit", "in"], rows)


def fresh(match):
    made = {"table": table_of, "hdf5": hdf5_of, "words": words}[match[2]]
    return match[1] + made(*match[3].split()) + match[4]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something is not up to date")
    check = parser.parse_args().check
    stale = []
    for path in sorted((ROOT / "docs" / "formats").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        new = MARK.sub(fresh, text)
        if new == text:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if not check:
            path.write_text(new, encoding="utf-8")
    if check and stale:
        sys.exit("not up to date: " + ", ".join(stale) + "; run scripts/format_tables.py")


if __name__ == "__main__":
    main()
