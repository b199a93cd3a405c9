"""Metrics of a run: metrics.jsonl, with one flat JSON object a line, and TensorBoard's events if asked for.

An epoch writes `{"epoch": 3, "loss": 2.5, "loss/id": 2.0, ..., "lr": 3e-4, "seconds": 9, "images_per_second": 81}`,
a validation `{"epoch": 3, "val/rank1": 0.63, "val/mAP": 0.5, ..., "best": true}`; where no query has a match, its
figures are null, and `val/nothing` says why. A parser's validation has `val/mIoU`, `val/pixel_accuracy`,
`val/mean_accuracy` and `val/IoU/head` and so on for each label. Epochs are counted from 1. Each clustering writes
`{"epoch": 2, "parsing/foreground": 0.75, "parsing/head": 0.5, ...}` where true parts are known: the IoU after so many
whole epochs, 0 before the first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from sameperson.checks import MOST, NOTHING, InputError, atomic, kind_of, read_text, writing

NOTHING_TO_VALIDATE = "val/nothing"
"""Why a validation has no figures."""


class Metrics:
    """The open metrics of one run in `folder`; lines of later epochs than `epoch` whole ones are removed first.

    under_way: whether the next epoch has begun; if not, the lines that its method wrote before it are removed too,
    since the method will write them again.

    Raises InputError where the folder cannot be written, or where TensorBoard is wanted and not installed.
    """

    def __init__(self, folder: Path, epoch: int = 0, *, under_way: bool = False, tensorboard: bool = False) -> None:
        self._path = folder / "metrics.jsonl"
        lines = [line for line in read_metrics(folder) if line["epoch"] <= epoch]
        kept = [line for line in lines if under_way or line["epoch"] < epoch or not of_method(line)]
        with atomic(self._path) as temporary:
            temporary.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")
        self._board = _tensorboard(folder, epoch) if tensorboard else None

    def __enter__(self) -> Metrics:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._board is not None:
            self._board.close()

    def write(self, line: Mapping[str, Any]) -> None:
        """Append one line; it is on disk when this returns."""
        with writing(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if self._board is not None:
            for name in line.keys() - {"epoch", NOTHING_TO_VALIDATE}:
                if line[name] is not None:
                    self._board.add_scalar(name, line[name], line["epoch"])
            self._board.flush()


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """Read the lines of a run's metrics.jsonl, none where there is no such file.

    A line cut off by a crash is left out. Raises InputError for a file that is damaged in any other way.
    """
    path = folder / "metrics.jsonl"
    if kind_of(path) == NOTHING:
        return []
    what, then = "metrics as train writes them", "remove the run's folder and train again"
    parsed: list[dict[str, Any]] = []
    for number, line in enumerate(read_text(path, what, then).splitlines(), start=1):
        try:
            found = json.loads(line)
        except json.JSONDecodeError:
            break
        except (ValueError, RecursionError) as error:  # too many digits, or nested too deeply
            raise InputError(f"{path}: line {number} is damaged", what, then) from error
        if not is_line(found):
            raise InputError(f"{path}: line {number} is {line[:40]!a}", what, then)
        parsed.append(found)
    return parsed


def is_line(found: Any) -> bool:
    """Tell whether a value read from JSON is a line of metrics: flat, with a number for each name, and an epoch.

    Only where `val/nothing` says why, figures of the validation may be null.
    """
    if not isinstance(found, dict) or type(found.get("epoch")) is not int or not 0 <= found["epoch"] <= MOST:
        return False
    numbers = found
    if isinstance(found.get(NOTHING_TO_VALIDATE), str):
        numbers = {key: value for key, value in found.items() if value is not None and key != NOTHING_TO_VALIDATE}
    return all(
        isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**63) for value in numbers.values()
    )


def of_method(line: Mapping[str, Any]) -> bool:
    """Whether a method wrote this line before an epoch, for example the IoU of its part labels."""
    return "loss" not in line and not any(key.startswith("val/") for key in line)


def _tensorboard(folder: Path, epoch: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError(
            "train.tensorboard = true: TensorBoard is not installed",
            "the package tensorboard",
            "pip install 'sameperson[tensorboard]' or set train.tensorboard=false",
        ) from error
    return SummaryWriter(str(folder / "tensorboard"), purge_step=epoch + 1)
