#!/usr/bin/env python3
"""Shows files to every program that reads their format: `check.py [--groups python,node,jvm] FILE…`.

A file says what to verify and what to expect. Where `said` has a program, that program's own answer is expected: a quirk.
Amana's command writes files of this form, and so is judged by the same programs.
"""

import argparse
import json
import sys

from peers import Peers, wrong


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--groups", default="python,node")
    options.add_argument("files", nargs="+")
    asked = options.parse_args()
    peers = Peers(asked.groups.split(","))
    files = [(path, json.load(open(path))) for path in asked.files]
    passed = failed = 0
    for path, file in files:
        for name in peers.verifiers(file["format"]):
            said = peers.ask("verify", name, {"format": file["format"], **file["verify"]})
            why = wrong(file, name, said)
            passed, failed = (passed, failed + 1) if why else (passed + 1, failed)
            if why:
                print(f"{path}: {name} {why}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
