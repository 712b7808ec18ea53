#!/usr/bin/env python3
"""Lets every program present what was issued elsewhere: `present.py [--groups …] FOLDER FILE…`.

A file has `format`, `present` (what to ask of a holder's program: README.md), `verify` (all but the presentation itself),
`expect`, and in `said` what is to be seen where a program cannot choose as finely. Each program that can present it writes
FOLDER/PROGRAM/NAME.json, of the form that check.py and Amana's tests read.
"""

import argparse
import json
import sys
from pathlib import Path

from peers import Peers, folder_of


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--groups", default="python,node")
    options.add_argument("folder", type=Path)
    options.add_argument("files", nargs="+", type=Path)
    asked = options.parse_args()
    peers = Peers(asked.groups.split(","))
    made = failed = 0
    for path in asked.files:
        file = json.loads(path.read_text())
        for name in peers.verifiers(file["format"]):
            said = peers.ask("present", name, {"format": file["format"], **file["present"]})
            if "unsupported" in said:
                continue
            if "failed" in said:
                failed += 1
                print(f"{path}: {name} {said['failed']}")
                continue
            to = asked.folder / folder_of(name) / path.name
            to.parent.mkdir(parents=True, exist_ok=True)
            of = {"program": name, "version": peers.version[name], "format": file["format"], "about": file["about"], "asked": {"present": file["present"]}}
            expect = file["expect"] | file["said"].get(name, {})
            to.write_text(json.dumps(of | {"verify": file["verify"] | said, "expect": expect, "said": {}}, indent=1, ensure_ascii=False) + "\n")
            made += 1
    print(f"{made} passed, {failed} failed")
    sys.exit(1 if failed or not made else 0)


if __name__ == "__main__":
    main()
