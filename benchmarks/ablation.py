"""Ablation of a method: train each arm with several seeds, evaluate all on the same queries, and compare them in pairs.

Differences come with intervals. This module knows no method; benchmarks/isp.py shows how it is used. A training run is
a folder and a call of `sameperson train`: a killed run continues, and a finished one is not trained again.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from difficulty import by_network, pooled, scored
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.data.dataset import Dataset
from sameperson.evaluation.paired_comparison import PairedComparison, compare_paired
from sameperson.evaluation.result import Evaluation
from sameperson.evaluation.similarity import Similarity
from sameperson.methods.load import load_network
from sameperson.overrides import load_recipe
from sameperson.training.checkpoint import MAY_CHANGE
from sameperson.training.distributed import pick_device
from sameperson.training.run_folder import RESULT, WEIGHTS, check_folder

POLL = 0.2
"""Seconds between two looks at the runs under way."""
END_OF_LOG = 2000
"""Characters of a failed run's output that are shown."""
Match = Literal["own", "features"]
Judged = dict[str, list[Evaluation]]
"""Protocol -> a result for each seed."""


@dataclass(frozen=True)
class Arm:
    """A way to train: a recipe and what is changed in it. name: in tables."""

    name: str
    recipe: str | Path
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Training:
    """One run of an arm."""

    arm: Arm
    seed: int
    folder: Path

    @property
    def words(self) -> list[str]:
        """What is changed in the arm's recipe."""
        return [*self.arm.words, f"seed={self.seed}"]

    @property
    def recipe(self) -> Recipe:
        """What it trains by."""
        return load_recipe(self.arm.recipe, self.words)

    @property
    def done(self) -> bool:
        """Whether it is. Raises InputError where the folder is another recipe's."""
        if self.folder.exists():
            check_folder(self.folder, self.recipe, resume=True)
        return (self.folder / RESULT).exists() and (self.folder / WEIGHTS).exists()

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.folder.with_name(self.folder.name + ".log")

    def start(self) -> subprocess.Popen[bytes]:
        """Train in a process of its own, on one thread unless OMP_NUM_THREADS says otherwise."""
        words = ["train", str(self.arm.recipe), *self.words, "--out", str(self.folder)]
        words += ["--resume"] if self.folder.exists() else []
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "sameperson", *words],
                stdout=log,
                stderr=log,
                env={"OMP_NUM_THREADS": "1", **os.environ},
            )

    def told(self) -> dict[str, Any]:
        """What a finished run says of itself."""
        result = json.loads((self.folder / RESULT).read_text(encoding="utf-8"))
        return {key: result[key] for key in ("seed", "epochs", "steps", "best_epoch", "seconds", "device", "processes")}


def train_all(runs: Sequence[Training], jobs: int) -> None:
    """Train those that are not done, so many at once; whoever is stopped stops them all, to go on another time.

    Raises InputError where one fails.
    """
    waiting = [run for run in runs if not run.done]
    under_way: dict[Training, tuple[subprocess.Popen[bytes], float]] = {}
    say(f"{len(runs) - len(waiting)} of {len(runs)} runs are done")
    kept = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        while waiting or under_way:
            while waiting and len(under_way) < jobs:
                run = waiting.pop(0)
                under_way[run] = (run.start(), time.monotonic())
            time.sleep(POLL)
            for run, (process, began) in list(under_way.items()):
                if process.poll() is not None:
                    del under_way[run]
                    require_success(run, process.returncode)
                    say(f"{run.folder.name}: trained in {time.monotonic() - began:.0f} s, {len(waiting)} runs to start")
    finally:
        signal.signal(signal.SIGTERM, kept)
        for process, _ in under_way.values():
            process.terminate()
            process.wait()


def require_success(run: Training, code: int) -> None:
    """Raises InputError with the end of what a failed run said."""
    if code:
        said = run.log.read_text(encoding="utf-8", errors="replace")[-END_OF_LOG:].strip()
        found = f"{run.folder} ended with {code}: {said}"
        raise InputError(found, "a run that ends well", f"mend it, and call again; all of it is in {run.log}")


def say(line: str) -> None:
    """What happens meanwhile; the tables alone go to the standard output."""
    print(line, file=sys.stderr, flush=True)


def judge(
    dataset: Dataset, runs: Sequence[Training], protocols: Sequence[str], match: Match = "own", device: str = "auto"
) -> Judged:
    """Each run on the test people, as its recipe says, or by one feature a picture though it has parts."""
    judged: Judged = {protocol: [] for protocol in protocols}
    for run in runs:
        network, how = load_network(run.folder / WEIGHTS, device=pick_device(device)), run.recipe.evaluate
        method = network.method
        give = method.match if match == "own" else match
        query, gallery = by_network(dataset, network, how.flip, give)
        compared = Similarity(how.metric, give, method.wholes)
        for protocol, done in judged.items():
            done.append(scored(dataset, query, gallery, protocol, compared))
        say(f"{run.folder.name}: judged by {give}")
    return judged


def arms_table(judged: Mapping[str, Sequence[Evaluation]], pids: NDArray[Any]) -> tuple[list[str], dict[str, Any]]:
    """Name -> a result a seed; as lines of Markdown, and as JSON."""
    lines = ["| | rank-1 | mAP | mAP of each seed |", "|---|---|---|---|"]
    figures = {}
    for name, runs in judged.items():
        told = figures[name] = pooled(list(runs), pids)
        each = ", ".join(f"{100 * value:.1f}" for value in told["mAP_runs"])
        lines.append(f"| {name} | {percent(told['rank1'])} | {percent(told['mAP'])} | {each} |")
    return lines, figures


def differences_table(
    name: str, judged: Mapping[str, Sequence[Evaluation]], pids: NDArray[Any]
) -> tuple[list[str], dict[str, Any]]:
    """One way less each other: points, their interval, the share of resamples in which it is ahead in mAP."""
    lines = [f"| {name} less | rank-1 | mAP | ahead in mAP |", "|---|---|---|---|"]
    figures = {}
    for other, runs in judged.items():
        if other == name:
            continue
        found = compare_paired(judged[name], runs, pids)
        figures[other] = found.to_json()
        rank1, mean = (points(found, figure) for figure in ("rank1", "mAP"))
        lines.append(f"| {other} | {rank1} | {mean} | {100 * found.better['mAP']:.0f} % |")
    return (lines, figures) if figures else ([], {})


def percent(share: Mapping[str, float]) -> str:
    """A share with its interval.

    >>> percent({"value": 0.873, "low": 0.851, "high": 0.892})
    '87.3 (85.1 to 89.2)'
    """
    return f"{100 * share['value']:.1f} ({100 * share['low']:.1f} to {100 * share['high']:.1f})"


def points(found: PairedComparison, figure: str) -> str:
    """A difference with its interval, in points of per cent."""
    gap = found.difference[figure]
    return f"{100 * gap.value:+.1f} ({100 * gap.low:+.1f} to {100 * gap.high:+.1f})"


OF_ARM = ("method", "name")
"""What an arm may have of its own."""


def fingerprint(recipe: Recipe) -> str:
    """Names what is trained by a recipe, whatever its seed, and wherever it is trained."""
    told = {key: value for key, value in leaves(recipe.portable()) if key not in MAY_CHANGE | {"seed"}}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def unequal(recipes: Mapping[str, Recipe]) -> list[str]:
    """The keys outside of `method` in which recipes differ: what makes budgets unequal."""
    whole = [recipe.portable() for recipe in recipes.values()]
    trees = [dict(leaves({name: value for name, value in tree.items() if name not in OF_ARM})) for tree in whole]
    return [key for key in trees[0] if any(tree[key] != trees[0][key] for tree in trees)] if trees else []


def leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted name and value of everything in a tree.

    >>> list(leaves({"a": {"b": 1, "c": 2}, "d": 3}))
    [('a.b', 1), ('a.c', 2), ('d', 3)]
    """
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield above + key, value
