"""The drivers as this folder's scripts call them, and what a file of `made/` promises."""

import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
AT = 1795521600  # 2026-11-24T12:00:00Z

# A group's command; the environment may name another.
COMMANDS = {
    "python": os.environ.get("INTEROP_PYTHON", f"{HERE}/.venv/bin/python {HERE}/python/peer.py"),
    "node": os.environ.get("INTEROP_NODE", f"node {HERE}/node/peer.mjs"),
    "jvm": os.environ.get("INTEROP_JVM", f"java -cp {HERE}/jvm/target/classes:{HERE}/jvm/target/lib/* PeerKt"),
}


SERVING = {}
# They check no signature, so they judge nothing.
PACKERS = ("@mosip/pixelpass", "pixelpass-jar")


def ask(group, verb, asked):
    """One question to a group's driver, which stays to be asked more."""
    if group not in SERVING:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": None if os.environ.get("INTEROP_TRACE") else subprocess.DEVNULL}
        SERVING[group] = subprocess.Popen([*COMMANDS[group].split(), "serve"], text=True, **pipes)
    process = SERVING[group]
    process.stdin.write(json.dumps({"verb": verb, **asked}) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"{COMMANDS[group]} ended at {verb} {json.dumps(asked)}")
    return json.loads(line)


class Peers:
    """The programs of some groups."""

    def __init__(self, groups):
        self.group, self.version, self.formats = {}, {}, {}
        for group in groups:
            for name, row in ask(group, "programs", {}).items():
                self.group[name], self.version[name], self.formats[name] = group, row["version"], row["formats"]

    def verifiers(self, format):
        return [name for name, formats in self.formats.items() if format in formats and name not in PACKERS]

    def ask(self, verb, program, asked):
        return ask(self.group[program], verb, {"program": program, **asked})


def folder_of(program):
    return program.removeprefix("@").replace("/", "-")


def judged(file, said):
    """A program's answer where it differs from what is right: its quirk, kept in the file. None if it does not."""
    if "ok" not in said:
        return {"unsupported": said.get("unsupported") or said["failed"]}
    if said["ok"] != file["expect"]["ok"]:
        return {"ok": said["ok"]} | ({"why": said["why"]} if said["why"] else {})
    if said["ok"] and said.get("status") != file["expect"].get("status"):
        return {"ok": True, "status": said.get("status")}
    claims = said.get("claims")
    if said["ok"] and "claims" in file["expect"] and claims != file["expect"]["claims"]:
        return {"ok": True, "claims": claims}
    return None


def wrong(file, name, said):
    """Why a program's answer is not what the file promises; None if it is."""
    found, promised = judged(file, said), file.get("said", {}).get(name)
    # A program's words on why are not promised.
    bare = lambda quirk: quirk and {field: value for field, value in quirk.items() if field not in ("why", "unsupported")}
    return None if bare(found) == bare(promised) else f"says {json.dumps(found or said, ensure_ascii=False)}, not {json.dumps(promised or file['expect'], ensure_ascii=False)}"
