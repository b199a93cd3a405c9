"""Shards: the embeddings that a run has done so far, kept beside its output, so that a killed run goes on from them.

A shard is one file with the features of SHARD pictures, in the hidden folder `.NAME.part` beside the output. Every
shard is embedded in batches of its own, so that a resumed run makes the same batches, and the same features to the last
bit. A shard is believed only while its pictures, their priors, the network and the batches are as they were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import atomic, short_name, writing
from sameperson.data.broken_pictures import Broken
from sameperson.data.needed_priors import SamplesWithPriors
from sameperson.leftovers import sweep_tree
from sameperson.types import Embeddings, Samples

SHARD = 1024
"""Pictures of a shard."""
FILE = re.compile(r"\d{9}\.npz")
DAMAGED = (OSError, ValueError, LookupError, EOFError, TypeError, BadZipFile)
Found = tuple[Embeddings, Samples, list[Broken]]
"""What `evaluation.embed.embed` returns: embeddings, the pictures that could be read, the broken ones."""


class Shards:
    """The shards of the output `out`, which is made of `samples`; whoever makes this holds the lock of `out`.

    made_by: names all that shapes a feature beside its picture: the network, its preprocessing, the batches.
    skip_broken: whether shards that left out broken pictures are believed.
    done: how many pictures earlier runs have done.
    """

    def __init__(
        self,
        out: Path,
        samples: Samples | SamplesWithPriors,
        made_by: str,
        *,
        skip_broken: bool = False,
        size: int = SHARD,
    ) -> None:
        self.folder = out.with_name(f".{short_name(out.name)}.part")
        pictures = samples if isinstance(samples, SamplesWithPriors) else SamplesWithPriors(samples)
        self.pictures, self.samples = pictures, pictures.samples
        self.made_by, self.skip_broken, self.size = made_by, skip_broken, size
        self._keys: dict[int, str] = {}
        self._whole = {start for start in range(0, len(pictures), size) if self._is_whole(start)}
        self.done = sum(min(size, len(pictures) - start) for start in self._whole)

    def load(self, start: int) -> Found | None:
        """What a shard holds, which begins with the picture `start`; None where it must be made."""
        if start in self._whole:
            part = self._part(start)
            with suppress(*DAMAGED), np.load(self._file(start), allow_pickle=False) as content:
                features, broken = content["features"], _broken_in(content["broken"])
                readable = np.ones(len(part), bool)
                readable[[item.row for item in broken]] = False
                if len(features) != readable.sum():
                    raise ValueError("not as many features as pictures")
                return Embeddings(features, self.made_by), part.take(readable), broken
        self._keys[start] = self._key(start)  # before the pictures are read: if they change meanwhile, it is another
        return None

    def save(self, start: int, embeddings: Embeddings, broken: Sequence[Broken]) -> None:
        """Keep a shard, but for the last one: when it is done, all is done."""
        if start + self.size >= len(self.samples) or embeddings.parts is not None:
            return
        content = {
            "key": _bytes_of(self._keys[start]),
            "features": embeddings.features,
            "broken": _bytes_of(json.dumps([asdict(item) for item in broken])),
        }
        with atomic(self._file(start)) as temporary, temporary.open("wb") as file:
            np.savez(file, **content)

    def remove(self) -> None:
        """Remove all shards, since the output is there; a file that is no shard stays."""
        if not self.folder.is_dir():
            return
        with writing(self.folder):
            sweep_tree(self.folder)
            for file in self.folder.iterdir():
                if FILE.fullmatch(file.name):
                    file.unlink()
        with suppress(OSError):
            self.folder.rmdir()

    def _file(self, start: int) -> Path:
        return self.folder / f"{start:09d}.npz"

    def _part(self, start: int) -> Samples:
        return self.samples.take(slice(start, start + self.size))

    def _is_whole(self, start: int) -> bool:
        """Tell whether there is a shard that may be believed."""
        if not self._file(start).is_file():
            return False
        try:
            with np.load(self._file(start), allow_pickle=False) as content:
                same = content["key"].tobytes().decode() == self._key(start)
                return same and (self.skip_broken or not _broken_in(content["broken"]))
        except DAMAGED:
            return False

    def _key(self, start: int) -> str:
        """Names what a shard is made from: the files' names, sizes and times of change, their priors and `made_by`."""
        part = self._part(start)
        files: list[tuple[Any, ...]] = []
        for row in range(len(part)):
            size = changed = -1
            if part.source is None:
                with suppress(OSError):  # it cannot be read, which is told when it is opened
                    found = part.file(row).stat()
                    size, changed = found.st_size, found.st_mtime_ns
            files.append((str(part.path[row]), size, changed, *self.pictures.stamp(start + row)))
        return sha256(json.dumps([self.made_by, str(part.root.resolve()), files]).encode()).hexdigest()


def _bytes_of(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _broken_in(stored: NDArray[np.uint8]) -> list[Broken]:
    return [Broken(**item) for item in json.loads(stored.tobytes())]
