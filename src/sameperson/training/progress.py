"""Progress of long work: a bar on a terminal, plain lines in a log, nothing by default."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, TextIO

from sameperson.training.metrics import NOTHING_TO_VALIDATE, of_method

BESIDE = ("epoch", "seconds")
"""What a method's line says beside what it measured."""
QUIET_SECONDS = 20.0
"""A log hears of long work this often."""


class Progress(AbstractContextManager["Progress"]):
    """Hears how far long work has come; this one says nothing. It may be entered again for the next piece of work."""

    def __exit__(self, *_: object) -> None:
        """Nothing to put away."""

    def say(self, text: str) -> None:
        """A line to be read."""

    def count(self, what: str, done: int, total: int) -> None:
        """So many of what is to be done are done."""

    def epoch_began(self, epoch: int, epochs: int, steps: int, done: int) -> None:
        """Epoch `epoch` of `epochs` (counted from 1) has `steps` steps, `done` of which were made before a stop."""

    def stepped(self) -> None:
        """One more step was made."""

    def wrote(self, line: Mapping[str, Any]) -> None:
        """The run wrote this line into its metrics."""


class Lines(Progress):
    """Plain lines for a log: whatever is said, and a count now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._epoch = self._epochs = self._steps = self._done = 0
        self._what, self._spoke = "", 0.0

    def say(self, text: str) -> None:
        """See `Progress`."""
        self._spoke = time.monotonic()
        self._stream.write(text + "\n")
        self._stream.flush()

    def count(self, what: str, done: int, total: int) -> None:
        """See `Progress`. The clock starts with the first count of a kind."""
        if what != self._what:
            self._what, self._spoke = what, time.monotonic()
        elif time.monotonic() - self._spoke > QUIET_SECONDS:
            self.say(f"{what} {done}/{total}")

    def epoch_began(self, epoch: int, epochs: int, steps: int, done: int) -> None:
        """See `Progress`."""
        self._epoch, self._epochs, self._steps, self._done = epoch, epochs, steps, done
        self._count_steps()

    def stepped(self) -> None:
        """See `Progress`."""
        self._done += 1
        self._count_steps()

    def wrote(self, line: Mapping[str, Any]) -> None:
        """See `Progress`."""
        self.say(told(line, self._epochs))

    def _count_steps(self) -> None:
        self.count(f"epoch {self._epoch}/{self._epochs}  step", self._done, self._steps)


class Bar(Lines):
    """A bar for the work under way, and above it what is said."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        super().__init__(stream)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        clocks = (TimeElapsedColumn(), TimeRemainingColumn())
        self._bar = RichProgress(*columns, *clocks, console=Console(file=stream), transient=True)

    def __enter__(self) -> Bar:
        self._what, self._task = "", self._bar.add_task("starting", total=None)
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar off the terminal."""
        self._bar.stop()
        self._bar.remove_task(self._task)

    def say(self, text: str) -> None:
        """See `Progress`."""
        self._bar.console.print(text, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def count(self, what: str, done: int, total: int) -> None:
        """See `Progress`."""
        if what != self._what:
            self._what = what
            self._bar.reset(self._task, description=what, total=total, completed=done)
        else:
            self._bar.update(self._task, total=total, completed=done)


def progress_on(stream: TextIO) -> Progress:
    """A bar where `stream` is a terminal, plain lines otherwise."""
    return Bar(stream) if stream.isatty() else Lines(stream)


def told(line: Mapping[str, Any], epochs: int) -> str:
    """A line of metrics as people read it.

    >>> told({"epoch": 3, "loss": 2.5, "loss/id": 2.0, "loss/triplet": 0.5, "lr": 3.5e-4, "images_per_second": 81.2}, 9)
    'epoch 3/9  loss 2.5 (id 2, triplet 0.5)  lr 0.00035  81 images/s'
    >>> told({"epoch": 3, "val/mAP": 0.5, "val/rank1": 0.625, "best": True}, 9)
    'epoch 3/9  validation mAP 50.0 %  rank-1 62.5 %  best so far'
    >>> told({"epoch": 3, "val/mIoU": 0.5, "val/pixel_accuracy": 0.875, "best": False}, 9)
    'epoch 3/9  validation mean IoU 50.0 %  pixel accuracy 87.5 %'
    >>> told({"epoch": 3, "val/mAP": None, "val/rank1": None, "val/nothing": "none of 2 queries has a match"}, 9)
    'epoch 3/9  nothing to validate on: none of 2 queries has a match'
    >>> told({"epoch": 2, "parsing/foreground": 0.75, "parsing/head": 0.5}, 9)
    'after epoch 2  parts foreground 75.0 %  head 50.0 % (IoU)'
    >>> told({"epoch": 2, "margin": 0.25}, 9)
    'after epoch 2  margin 0.25'
    """
    if parts := {key[8:]: value for key, value in line.items() if key.startswith("parsing/")}:
        when = f"after epoch {line['epoch']}" if line["epoch"] else "before training"
        return f"{when}  parts " + "  ".join(f"{name} {100 * share:.1f} %" for name, share in parts.items()) + " (IoU)"
    if of_method(line):
        when = f"after epoch {line['epoch']}" if line["epoch"] else "before training"
        return f"{when}  " + "  ".join(f"{name} {value:.4g}" for name, value in line.items() if name not in BESIDE)
    head = f"epoch {line['epoch']}/{epochs}"
    if NOTHING_TO_VALIDATE in line:
        return f"{head}  nothing to validate on: {line[NOTHING_TO_VALIDATE]}"
    if "val/mIoU" in line:
        scores = f"mean IoU {100 * line['val/mIoU']:.1f} %  pixel accuracy {100 * line['val/pixel_accuracy']:.1f} %"
        return f"{head}  validation {scores}" + ("  best so far" if line["best"] else "")
    if "loss" not in line:
        scores = f"mAP {100 * line['val/mAP']:.1f} %  rank-1 {100 * line['val/rank1']:.1f} %"
        return f"{head}  validation {scores}" + ("  best so far" if line["best"] else "")
    parts = ", ".join(f"{key[5:]} {value:.4g}" for key, value in line.items() if key.startswith("loss/"))
    speed = f"lr {line['lr']:.3g}  {line['images_per_second']:.0f} images/s"
    return f"{head}  loss {line['loss']:.4g} ({parts})  {speed}"
