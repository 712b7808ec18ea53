#!/usr/bin/env python3
"""Drives independent programs in Python: `peer.py <verb>`, one JSON object on stdin, one on stdout.

Verbs: programs, key, chain, issue, present, verify; `serve` answers an object with a `verb` on each line. ../README.md has the fields.
"""

import json
import logging
import os
import sys
import warnings

import certificates
import claim169_peer
import common
import cwt_peer
import pymdoccbor_peer
import sd_jwt_peer
import status_peer

PROGRAMS = {
    module.PROGRAM: module for module in (claim169_peer, cwt_peer, pymdoccbor_peer, sd_jwt_peer, status_peer)
}


def programs(_):
    return {
        name: {"version": module.VERSION, "formats": module.FORMATS} for name, module in sorted(PROGRAMS.items())
    }


def key(asked):
    return {"key": common.make_key(asked.get("alg", "ES256"), asked.get("seed"))}


def answer(verb, asked):
    alone = {"programs": programs, "key": key, "chain": certificates.chain}
    if verb in alone:
        return alone[verb](asked)
    module = PROGRAMS[asked["program"]]
    work = getattr(module, verb, None)
    if work is None or asked["format"] not in module.FORMATS:
        raise common.Unsupported(f"{asked['program']} has no {verb} for {asked['format']}")
    try:
        return work(asked) if verb != "verify" else {"ok": True, "why": ""} | work(asked)
    except common.Unsupported:
        raise
    except Exception as error:  # A program's refusal has whatever type that program chose.
        why = f"{type(error).__name__}: {error}"
        return {"ok": False, "claims": None, "why": why} if verb == "verify" else {"failed": why}


def one(verb, asked):
    try:
        return answer(verb, asked)
    except common.Unsupported as error:
        return {"unsupported": str(error)}


def main():
    # Programs that print must not spoil the answer.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    verb = sys.argv[1]
    for line in sys.stdin if verb == "serve" else [sys.stdin.read() or "{}"]:
        asked = json.loads(line)
        said = one(asked.pop("verb"), asked) if verb == "serve" else one(verb, asked)
        out.write(json.dumps(said, ensure_ascii=False) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
