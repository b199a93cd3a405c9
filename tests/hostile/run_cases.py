"""Types malformed commands, each in a process of its own, and says which of them were not answered as they should be.

    python tests/hostile/run_cases.py --cases 2000 --out results.json
    python tests/hostile/run_cases.py --only 137          # one of them again, with all that it printed

A command must end with exit code 0, or with 2 and one line; within 30 s of CPU time and 2 GB; no input may change, and
nothing half-written may stay. The processes are forked from one that has imported the package, since that takes
seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import sameperson

sys.path.insert(0, str(Path(__file__).parent))

from cases import Case, draw_case
from sound_inputs import make_inputs

CPU_SECONDS, BYTES = 30, 2 << 30
"""What a command may take."""
PATIENCE = 240
"""Seconds by the clock after which a command is taken to hang, on a machine that others use too."""
MODULES = ("torch", "torchvision", "timm", "onnxruntime", "openvino", "pyarrow.parquet", "cv2", "scipy", "warp", "av")
LEFTOVERS = (".part", ".lock", ".tmp")


@dataclass
class Started:
    """A command that runs: since when, and what its inputs were like before."""

    case: Case
    since: float
    inputs: dict[str, tuple[int, int, int]]


def main() -> int:
    """Run the cases; exit code 1 where one of them was answered wrongly."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one case, to see all that it prints")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--work", type=Path, help="where the inputs are made, or lie from another run")
    parser.add_argument("--out", type=Path, help="write the faults here as JSON")
    options = parser.parse_args()
    os.environ.update(OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1")
    with tempfile.TemporaryDirectory() as temporary:
        work = (options.work or Path(temporary) / "work").resolve()
        sound = sound_inputs(work)
        before = listing(work / "sound")
        ours = (module.name for module in walk_packages(sameperson.__path__, "sameperson."))
        for module in (*MODULES, *(name for name in ours if not name.endswith("__main__"))):
            import_module(module)
        numbers = range(options.first, options.first + options.cases) if options.only is None else [options.only]
        codes, faults = run(numbers, options.seed, sound, work, options.jobs, loud=options.only is not None)
        if listing(work / "sound") != before:
            changed = sorted(set(listing(work / "sound").items()) ^ set(before.items()))
            faults.append({"case": -1, "fault": f"sound inputs changed: {changed[:4]}"})
    for fault in faults:
        print(json.dumps(fault))
    print(f"{len(numbers)} cases, exit codes {dict(codes)}, {len(faults)} faults")
    if options.out is not None:
        options.out.write_text(json.dumps({"codes": codes, "faults": faults}, indent=1), encoding="utf-8")
    return 1 if faults else 0


def sound_inputs(work: Path) -> dict[str, Path]:
    """Make the sound inputs in a process of its own, since threads that it starts would not outlive a fork."""
    index = work / "sound.json"
    if not index.exists():
        child = os.fork()
        if not child:
            try:
                found = make_inputs(work / "sound")
                index.write_text(json.dumps({kind: str(path) for kind, path in found.items()}), encoding="utf-8")
                os._exit(0)
            except BaseException:  # noqa: BLE001 - whatever it is, it is shown
                traceback.print_exc()
            finally:
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            sys.exit("the sound inputs could not be made")
    return {kind: Path(path) for kind, path in json.loads(index.read_text(encoding="utf-8")).items()}


def run(
    numbers: Sequence[int], seed: int, sound: dict[str, Path], work: Path, jobs: int, loud: bool
) -> tuple[Counter[int], list[dict[str, object]]]:
    """Run the cases, several at once; returns how often each exit code came, and what was wrong."""
    waiting, codes = list(reversed(numbers)), Counter()
    running: dict[int, Started] = {}
    faults: list[dict[str, object]] = []
    while waiting or running:
        while waiting and len(running) < jobs:
            number = waiting.pop()
            place = work / "cases" / str(number)
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            case = draw_case(seed, number, sound, place)
            inputs = listing(place)
            running[start(case)] = Started(case, time.monotonic(), inputs)
        for pid in list(running):
            one = running[pid]
            done, status, used = os.wait4(pid, os.WNOHANG)
            if done:
                del running[pid]
                found = judged(one, status, used)
                codes[os.waitstatus_to_exitcode(status)] += 1
                said = (one.case.place / "stderr").read_text(encoding="utf-8", errors="replace")
                if loud:
                    print((one.case.place / "stdout").read_text(encoding="utf-8", errors="replace"), said, sep="\n")
                    print(one.case.words, one.case.wrong, status, used.ru_maxrss >> 10, "MB", f"{used.ru_utime:.1f} s")
                if found:
                    tail = said.strip()[-700:]
                    faults.append(
                        {
                            "case": one.case.number,
                            "fault": found,
                            "words": one.case.words,
                            "wrong": one.case.wrong,
                            "said": tail,
                        }
                    )
                    print(one.case.number, found, one.case.wrong, flush=True)
                elif not loud:
                    shutil.rmtree(one.case.place, ignore_errors=True)
            elif time.monotonic() - one.since > PATIENCE or resident(pid) > 2 * BYTES:
                os.killpg(pid, signal.SIGKILL)
        time.sleep(0.01)
    return codes, faults


def start(case: Case) -> int:
    """Fork a process that runs the command in the case's folder."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        os.chdir(case.place)
        for number, name in ((1, "stdout"), (2, "stderr")):
            opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(opened, number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        resource.setrlimit(resource.RLIMIT_CPU, (4 * CPU_SECONDS, 4 * CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
        from sameperson.cli.main import main as typed

        try:
            code = typed(list(case.words))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 - whatever it is, it is shown
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def judged(one: Started, status: int, used: resource.struct_rusage) -> str:
    """Say what is wrong with how a command ended, or nothing."""
    case = one.case
    said = (case.place / "stderr").read_text(encoding="utf-8", errors="replace")
    code = os.waitstatus_to_exitcode(status)
    seconds = used.ru_utime + used.ru_stime
    if time.monotonic() - one.since > PATIENCE:
        return "waits for ever"
    if used.ru_maxrss << 10 > BYTES:
        return f"{used.ru_maxrss >> 10} MB"
    if "Traceback" in said or code not in (0, 2):
        return f"exit code {code}"
    if seconds > CPU_SECONDS:
        return f"{seconds:.0f} s"
    lines = [line for line in said.splitlines() if line.startswith("sameperson: ")]
    if code == 2 and len(lines) != 1:
        return f"{len(lines)} lines of error"
    after = listing(case.place)
    outputs = tuple(os.path.relpath(word, case.place) for word in case.words if word.startswith(str(case.place)))
    written = outputs[:1] if "--resume" in case.words else ()  # a run that goes on is its own input
    changed = [name for name, was in one.inputs.items() if after.get(name) != was and not name.startswith(written)]
    if changed:
        return f"input changed: {changed[0]}"
    new = [name for name in after if name not in one.inputs and name not in ("stdout", "stderr")]
    halves = [name for name in new if name.endswith(LEFTOVERS)]
    if code == 2 and not written:
        halves += [name for name in new if not is_hidden(name)]
    return f"left behind: {halves[:3]}" if halves else ""


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder that it lies in, is hidden: what a later call goes on from."""
    return any(part.startswith(".") for part in Path(name).parts)


def listing(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return (mode, size, time of change) of everything but folders below a folder."""
    found = {}
    for place, _folders, files in os.walk(folder):
        for file in files:
            path = Path(place, file)
            what = path.lstat()
            found[os.path.relpath(path, folder)] = (what.st_mode, what.st_size, what.st_mtime_ns)
    return found


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


if __name__ == "__main__":
    sys.exit(main())
