"""Chooses the commands that the doctor proposes to type next, each of which reads what was examined."""

from __future__ import annotations

from dataclasses import dataclass

from sameperson.data.command_options import CommandOptions, unused
from sameperson.data.dataset import Dataset
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding
from sameperson.data.doctor.propose_split import TEST, VAL, shares, who_can_be_split

MOST_COMMANDS = 3
LAYOUTS_COMMAND = "sameperson doctor --layouts"


@dataclass(frozen=True)
class NextCommands:
    """The commands that may follow the examination of a dataset, each empty where it could not work.

    evaluate: by the protocol that was examined; blind: by one that knows no cameras. split: writes a split by person.
    look: shows what was found as a page. train: what a training is started with, before what it should change.
    """

    evaluate: str = ""
    blind: str = ""
    split: str = ""
    look: str = ""
    train: str = ""

    @classmethod
    def of(
        cls, options: CommandOptions, layout: str, protocol: str, splits: AllSplits, dataset: Dataset
    ) -> NextCommands:
        """Spell those that can work on a dataset that was read as this layout."""
        askable = len(dataset.query) > 0 and len(dataset.gallery) > 0
        return cls(
            evaluate=options.evaluate(protocol=protocol) if askable else "",
            blind=options.evaluate(protocol="camera_blind") if askable else "",
            split=split_command(options, splits),
            look=options.doctor("--html", unused("doctor.html")),
            train=options.train(layout) if len(dataset.train) and not splits.unsplit else "",
        )

    def after(self, found: list[Finding]) -> tuple[str, ...]:
        """Choose one to three: those of the findings, then an evaluation, or a new split where there are errors."""
        wanted = dict.fromkeys(one.command for one in found if one.command)
        if any(one.severity == "error" for one in found):
            wanted = {one: None for one in (*wanted, self.split) if not one.startswith("sameperson train")}
        elif not any(one.startswith("sameperson evaluate") for one in wanted):
            wanted.setdefault(self.evaluate)
        # A training comes last: it takes longest, and what it learned is measured by the command before it.
        ordered = sorted(filter(None, wanted), key=lambda one: one.startswith("sameperson train"))
        return tuple(ordered)[:MOST_COMMANDS] or (self.look,)


def split_command(options: CommandOptions, splits: AllSplits) -> str:
    """Spell the command that writes a split by person, or nothing where there are too few people for one."""
    known, askable = who_can_be_split(splits)
    for val, more in ((VAL, ()), (0.0, ("--val-fraction", "0"))):
        if shares(len(known), len(askable), TEST, val) is not None:
            return options.doctor("--fix-split", unused("split.csv"), *more)
    return ""
