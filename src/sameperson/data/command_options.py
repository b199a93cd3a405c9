"""Spells the options by which a command read its data, as the command that is proposed next takes them.

A hint that names a command must work as it is typed: a folder that was read by a `--pattern` is another dataset without
it. `CommandOptions` holds what decided, and writes whole commands. `respelled` turns the keys of a recipe, in which the
readers speak, into the options of the command at hand.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

RECIPE = "baseline/world_small"
"""The recipe of a proposed training: a small network that learns in minutes, also from few people."""
SET = re.compile(r"data\.(reader|pattern|root)=('[^']*'|[^\s,;)]+)")
NAMED = re.compile(r"data\.(reader|pattern|root)\b")
GO_ON = re.compile(r",? or go on without (?:them|it) \(skip_broken\)")


@dataclass(frozen=True)
class CommandOptions:
    """The options that decided how a dataset was read, and how its pictures were seen.

    data: the path as it was typed. reader, pattern, protocol: as they were typed, None where the data decided.
    weights: weights of ours or the folder of a run; second: those to compare them with. network: the words of a network
    of the user's, such as `--network n.onnx --input-size 256x128`. embedding: the words of how pictures are embedded,
    such as `--flip`. skip_broken: whether broken pictures are left out. examining: words that only the doctor has, such
    as `--no-pictures`.
    """

    data: Path
    reader: str | None = None
    pattern: str | None = None
    protocol: str | None = None
    weights: Path | None = None
    second: Path | None = None
    network: tuple[str, ...] = ()
    embedding: tuple[str, ...] = ()
    skip_broken: bool = False
    examining: tuple[str, ...] = ()

    def doctor(self, *more: object) -> str:
        """Write a command that examines the same dataset, by the first protocol where several were typed."""
        judged = self._judged(self.protocol and self.protocol.split(",")[0])
        return command("doctor", path(self.data), *self._read(), *judged, *self.examining, *more)

    def evaluate(self, *more: object, protocol: str | None = None) -> str:
        """Write a command that evaluates the same network on the same dataset. protocol: instead of the typed one."""
        judged = self._judged(protocol or self.protocol)
        networks = [path(one) for one in (self.weights, self.second) if one is not None]
        return command("evaluate", *networks, path(self.data), *self._read(), *judged, *self._seen(), *more)

    def embed(self, out: str | Path) -> str:
        """Write a command that embeds the pictures of the dataset by the same network."""
        ours = option("--weights", self.weights)
        pattern = option("--pattern", self.pattern)
        return command("embed", path(self.data), *pattern, *ours, *self._seen(), *option("--out", out))

    def train(self, reader: str, *more: object) -> str:
        """Write a command that learns from the dataset. reader: the layout that was read, which a recipe must name."""
        words = [f"data.root={self.data}", f"data.reader={reader}"]
        words += [] if self.pattern is None else [f"data.pattern={self.pattern}"]
        words += ["data.skip_broken=true"] * self.skip_broken
        return command("train", RECIPE, *words, *more)

    def _read(self) -> tuple[str, ...]:
        return (*option("--reader", self.reader), *option("--pattern", self.pattern))

    def _judged(self, protocol: str | None) -> tuple[str, ...]:
        return option("--protocol", protocol)

    def _seen(self) -> tuple[str, ...]:
        return (*self.network, *self.embedding, *(("--skip-broken",) if self.skip_broken else ()))


def command(*words: object) -> str:
    """Write a command as a shell takes it.

    >>> command("doctor", "my crops", *option("--pattern", "{pid}_*.jpg"))
    "sameperson doctor 'my crops' --pattern '{pid}_*.jpg'"
    """
    return shlex.join(["sameperson", *map(str, words)])


def option(name: str, value: object) -> tuple[str, ...]:
    """Write an option and its value, or nothing for None; a value that looks like an option is tied to its name.

    >>> option("--mean", "-1,2,3"), option("--reader", "csv"), option("--reader", None)
    (('--mean=-1,2,3',), ('--reader', 'csv'), ())
    """
    if value is None:
        return ()
    return (f"{name}={value}",) if str(value).startswith("-") else (name, str(value))


def path(place: str | Path) -> str:
    """Write a path that no command takes for an option.

    >>> path("-crops"), path("crops")
    ('./-crops', 'crops')
    """
    return f"./{place}" if str(place).startswith("-") else str(place)


def unused(name: str) -> str:
    """Return a file's name, with a number where such a file is there already, so that nothing is written over.

    >>> unused("no-such-split.csv")
    'no-such-split.csv'
    """
    file, number = Path(name), 1
    while file.exists():
        number += 1
        file = Path(name).with_stem(f"{Path(name).stem}-{number}")
    return str(file)


def respelled(hint: str, own: Collection[str]) -> str:
    """Respell a hint's keys of a recipe as the options of the command at hand. own: the names of what it is told.

    >>> respelled("rename it, or set data.reader=folder", {"data", "reader", "pattern"})
    'rename it, or set --reader folder'
    >>> respelled("mend data.pattern", {"recipe", "overrides"})
    'mend data.pattern'
    """
    learns = "overrides" in own
    if learns and "pattern" not in own:  # `train`: all of it is in the recipe
        return hint.replace("(skip_broken)", "(data.skip_broken=true)")
    hint = SET.sub(lambda found: _spelled(found[1], found[2], own), hint)
    hint = NAMED.sub(lambda found: _spelled(found[1], "", own), hint)
    if "skip_broken" not in own:
        return GO_ON.sub("", hint)
    learning = ", to learn data.skip_broken=true" if learns else ""
    return hint.replace("(skip_broken)", f"(--skip-broken{learning})")


def _spelled(key: str, value: str, own: Collection[str]) -> str:
    if key == "root":
        return f"give {value}" if value else "the path"
    if key == "reader" and key not in own:  # `cross` names it behind a path
        return f"NAME=PATH:{value or 'READER'}"
    return f"--{key} {value}".rstrip()
