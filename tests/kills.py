"""Kills a command with SIGKILL at chosen moments of its writing, and types it again: `kills.py`, a JSON on stdin.

A moment is just before the process opens a file to write, renames, removes or makes something below its folder. All
runs are forked from this process, which has the imports behind it. The JSON holds `words` of the command, in which
`{root}` is the run's folder, different for each; `imports`; `folder`, where those folders lie; `count` moments to draw
with `seed`, besides the last `last` ones; `resume`: [a path below the root, words that are added where it exists];
`warm`: whether the command runs once before the processes part, so that they need not compile again.
Printed is, as JSON, the moments of a run left alone (`whole`), and for every moment the folder and what was said.
"""

import importlib
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from sameperson.cli.main import main as command

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def changes(event: str, args: tuple[Any, ...], root: str) -> bool:
    """Whether an audit event is a change below `root`, or below a folder that is open by its number."""
    if event == "open":
        if not isinstance(args[2], int) or not args[2] & WRITES:
            return False
    elif event not in CHANGES:
        return False
    elif event in ("os.remove", "os.rmdir") and args[1] != -1:
        return True
    return isinstance(args[0], str | os.PathLike) and os.path.realpath(args[0]).startswith(root)


def run(words: list[str], root: Path, said: Path, moment: int) -> int:
    """Fork a process that runs the command and is killed at a moment, counted from 1: how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(out, stream)
    count, real = 0, os.path.realpath(root)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal count
        if changes(event, args, real):
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    code = 1
    try:
        code = command(words)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        said.with_suffix(".count").write_text(str(count))
        os._exit(code)


def main() -> None:
    spec = json.load(sys.stdin)
    for name in spec["imports"]:
        importlib.import_module(name)
    place, said = Path(spec["folder"]), Path(spec["folder"]) / "said.txt"

    def typed(root: Path, moment: int = 0) -> int:
        root.mkdir(exist_ok=True)
        words = [word.replace("{root}", str(root)) for word in spec["words"]]
        there, more = spec.get("resume", ["", []])
        return run([*words, *(more if there and (root / there).exists() else [])], root, said, moment)

    if spec.get("warm"):
        command([word.replace("{root}", str(place / "warm")) for word in spec["words"]])
    code = typed(place / "whole")
    if code:
        sys.exit(f"the run left alone ended with {code}: {said.read_text()}")
    moments = int(said.with_suffix(".count").read_text())
    chosen = set(random.Random(spec["seed"]).sample(range(1, moments + 1), min(spec["count"], moments)))
    chosen |= set(range(moments - spec["last"] + 1, moments + 1))
    told = []
    for moment in sorted(chosen):
        root = place / f"killed{moment}"
        killed = typed(root, moment)
        if killed != -signal.SIGKILL:
            sys.exit(f"moment {moment} of {moments} was not reached: {killed}, {said.read_text()}")
        code = typed(root)
        told.append({"moment": moment, "root": str(root), "code": code, "said": said.read_text()})
    print("\n" + json.dumps({"whole": moments, "killed": told}))


if __name__ == "__main__":
    main()
