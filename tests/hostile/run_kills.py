"""Kills commands at drawn moments, types them again, and says where the result differs from that of an unkilled one.

    python tests/hostile/run_kills.py --kills 100 --out results.json

Every kill is a SIGKILL of the whole process group. After some kills in a row the command runs to its end; then all
bytes must be those of a run that nobody killed, and no leftover may lie beside them. Of a training the weights are
compared, since its metrics hold times.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from cases import Case
from run_cases import MODULES, listing, sound_inputs, start
from sound_inputs import SMALL

MOST_IN_A_ROW = 3
"""Kills before a command may end."""


@dataclass(frozen=True)
class Job:
    """A command whose result must not depend on kills.

    words: what is typed, with <KIND> for inputs. compared: the files whose bytes are compared; of all others the names
    are. again: words that are added after a kill.
    """

    name: str
    words: str
    compared: str = "*"
    again: str = ""


JOBS = (
    Job("train", "train <recipe> --out out SMALL train.epochs=3", "*.safetensors", "--resume"),
    Job("world make", "world make out --people 12 --test-people 4 --cameras 3 --shots 3 --size 64x32 --workers 2"),
    Job("embed", "embed <market> --out out/e.parquet --batch 4"),
    Job("evaluate", "evaluate <weights> <market> --json out/e.json --report out/e.html --resamples 2000"),
    Job("priors make parsing", "priors make parsing <crops> --from <market> --out out"),
    Job("priors make keypoints", "priors make keypoints <crops> --model <pose> --out out --batch 2"),
    Job("prepare", "prepare dancereid -i <films> -n <tracks> -a <annotation> --split <splits> -d 2 -gs -h5 -o out"),
)


def main() -> int:
    """Kill every command in turn; exit code 1 where a result differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100, help="over all commands")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="the name of one command")
    parser.add_argument("--work", type=Path, help="where the inputs are made, or lie from another run")
    parser.add_argument("--out", type=Path, help="write the faults here as JSON")
    options = parser.parse_args()
    os.environ.update(OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1")
    jobs = [job for job in JOBS if options.only in (None, job.name)]
    faults, done = [], {}
    with tempfile.TemporaryDirectory() as temporary:
        work = (options.work or Path(temporary) / "work").resolve()
        sound = sound_inputs(work)
        for module in MODULES:
            import_module(module)
        import_module("sameperson.cli.main")
        for number, job in enumerate(jobs):
            share = options.kills // len(jobs) + (number < options.kills % len(jobs))
            done[job.name] = share
            faults += kill_often(job, share, options.seed, sound, work / "kills" / job.name.replace(" ", "-"))
    for fault in faults:
        print(json.dumps(fault))
    each = ", ".join(f"{name} {count}" for name, count in done.items())
    print(f"{sum(done.values())} kills ({each}), {len(faults)} faults")
    if options.out is not None:
        options.out.write_text(json.dumps({"kills": done, "faults": faults}, indent=1), encoding="utf-8")
    return 1 if faults else 0


def kill_often(job: Job, kills: int, seed: int, sound: dict[str, Path], place: Path) -> list[dict[str, object]]:
    """Run a command once in peace, and then with so many kills; returns what was wrong."""
    draw = random.Random(f"{seed} {job.name}")
    shutil.rmtree(place, ignore_errors=True)
    peace, faults = fresh(place / "peace"), []
    began = time.monotonic()
    if (code := run(job, peace, sound)) != 0:
        return [{"job": job.name, "fault": f"exit code {code} in peace: {said_in(peace)}"}]
    takes = time.monotonic() - began
    expected, names = contents(peace, job.compared), names_in(peace)
    left, code = kills, 0
    while left:
        here, moments = fresh(place / "killed"), []
        for _number in range(min(left, draw.randint(1, MOST_IN_A_ROW))):
            moments.append(round(draw.uniform(0, takes), 3))
            code = run(job, here, sound, moments[-1], again=len(moments) > 1)
            left -= 1
            if code != -signal.SIGKILL:  # it was done before
                break
        else:
            code = run(job, here, sound, again=True)
        fault = f"exit code {code}" if code else ""
        found = contents(here, job.compared)
        if not fault and names_in(here) != names:
            fault = f"names: {sorted(names_in(here) ^ names)[:4]}"
        if not fault and found != expected:
            fault = f"bytes: {sorted(name for name in expected if found.get(name) != expected[name])[:4]}"
        if fault:
            faults.append({"job": job.name, "fault": fault, "killed after": moments, "said": said_in(here)})
            print(job.name, fault, moments, flush=True)
    return faults


def fresh(place: Path) -> Path:
    """Make an empty folder."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def run(job: Job, place: Path, sound: dict[str, Path], moment: float | None = None, again: bool = False) -> int:
    """Run a command to its end, or kill it after so many seconds; returns its exit code."""
    words = []
    again = again and (place / "out").exists()  # what was killed before it began is simply typed once more
    for word in [*job.words.split(), *(job.again.split() if again else ())]:
        words += SMALL if word == "SMALL" else [str(sound[word[1:-1]]) if word.startswith("<") else word]
    (place / "out").mkdir(exist_ok=True) if "out/" in job.words else None
    pid = start(Case(0, tuple(words), (), place))
    began = time.monotonic()
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if moment is not None and time.monotonic() - began > moment:
            for process in (os.killpg, os.kill):  # the group is there once the process has made it
                try:
                    process(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            moment = None
        time.sleep(0.002)


def names_in(place: Path) -> set[str]:
    """List the files that a command left, hidden ones too."""
    return set(listing(place)) - {"stdout", "stderr"}


def contents(place: Path, compared: str) -> dict[str, bytes]:
    """Read the files that are compared."""
    files = (file for file in place.rglob(compared) if file.is_file() and file.name not in ("stdout", "stderr"))
    return {str(file.relative_to(place)): file.read_bytes() for file in files}


def said_in(place: Path) -> str:
    """Return the end of what a command said."""
    return (place / "stderr").read_text(encoding="utf-8", errors="replace").strip()[-500:]


if __name__ == "__main__":
    sys.exit(main())
