"""Learned here, tested there: a matrix of figures, each kept as soon as it is known.

A cell's file says what it was measured from; it is used again only if that is still so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sameperson.checks import atomic
from sameperson.config import Data
from sameperson.data.dataset import Dataset
from sameperson.evaluate.embed import embed
from sameperson.evaluate.network import Network
from sameperson.evaluate.protocols.definition import Protocol
from sameperson.evaluate.query_gallery import Embedded, embed_sides, unit_of
from sameperson.evaluate.result import evaluate
from sameperson.types import Samples

CHUNK = 4096
"""Pictures of tracklets whose embeddings are held at once."""
SHOWN = {"rank1": "rank-1", "mAP": "mAP"}
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """A data set with a name: how it is read, what was read, and the rules for its test people."""

    name: str
    data: Data
    dataset: Dataset
    protocol: Protocol


@dataclass(frozen=True)
class Entrant:
    """A network with a name, and how its features are compared."""

    name: str
    network: Network
    metric: str = "cosine"
    flip: bool = False


@dataclass(frozen=True)
class Judging:
    """How all cells are measured. batch, workers: how pictures are read, which changes no figure."""

    resamples: int = 2000
    seed: int = 0
    batch: int = 64
    workers: int = 0
    skip_broken: bool = False


@dataclass
class Matrix:
    """Cells by (entrant, place), kept in `folder`."""

    folder: Path
    judging: Judging
    cells: dict[tuple[str, str], Figures] = field(default_factory=dict)

    def cell(self, entrant: Entrant, place: Place) -> Figures:
        """The figures of a network on a data set: those kept from before if they are still right, else measured."""
        key = self.measured_from(entrant, place)
        file = self.folder / f"{entrant.name}--{place.name}.json"
        figures = kept(file, key)
        if figures is None:
            measured = json.dumps({**self.measure(entrant, place), "measured_from": key})
            figures = json.loads(measured, parse_constant=lambda _: None)  # JSON has no word for what is not a number
            with atomic(file) as temporary:
                temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        self.cells[entrant.name, place.name] = figures
        return figures

    def measured_from(self, entrant: Entrant, place: Place) -> dict[str, Any]:
        """All that decides a cell's figures."""
        return {
            "network": entrant.network.fingerprint,
            "flip": entrant.flip,
            "metric": entrant.metric,
            "data": str(place.data.root),
            "reader": place.data.reader,
            "pictures": [len(place.dataset.query), len(place.dataset.gallery)],
            "protocol": place.protocol.name,
            "rules": place.protocol.rules,
            "resamples": self.judging.resamples,
            "seed": self.judging.seed,
            "skip_broken": self.judging.skip_broken,
        }

    def measure(self, entrant: Entrant, place: Place) -> dict[str, Any]:
        """Embed and evaluate."""
        how = self.judging
        reading = {"batch": how.batch, "workers": how.workers, "flip": entrant.flip, "skip_broken": how.skip_broken}

        broken = []

        def whole(samples: Samples) -> Embedded:
            embeddings, readable, unreadable = embed(entrant.network, samples, **reading)
            broken.extend(item.path for item in unreadable)
            return readable, embeddings

        def chunks(samples: Samples) -> Iterable[Embedded]:
            return (whole(samples.take(slice(at, at + CHUNK))) for at in range(0, len(samples), CHUNK))

        (queries, query), (pictures, gallery) = embed_sides(place.dataset, whole, chunks)
        result = evaluate(
            query,
            queries,
            gallery,
            pictures,
            place.protocol,
            metric=entrant.metric,
            resamples=how.resamples,
            seed=how.seed,
        )
        return {**replace(result, unit=unit_of(place.dataset)).to_json(), "broken": len(broken)}

    def table(self) -> str:
        """Rows: who learned where; columns: tested where; rank-1 and mAP in percent with their intervals."""
        rows = list(dict.fromkeys(row for row, _ in self.cells))
        columns = list(dict.fromkeys(column for _, column in self.cells))
        lines = [["", "", *columns], ["", "", *(self.cells[rows[0], column]["protocol"] for column in columns)]]
        for row in rows:
            for figure, called in SHOWN.items():
                shares = [percent(self.cells[row, column][figure]) for column in columns]
                lines.append([row if figure == "rank1" else "", called, *shares])
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        told = "rows: learned from; columns: tested on; % (95 % of resamples)"
        padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join([told, *(line.rstrip() for line in padded)])

    def to_json(self) -> dict[str, dict[str, Figures]]:
        """Row -> column -> figures."""
        tree: dict[str, dict[str, Figures]] = {}
        for (row, column), figures in self.cells.items():
            tree.setdefault(row, {})[column] = figures
        return tree


def kept(file: Path, key: Mapping[str, Any]) -> Figures | None:
    """The figures in a cell's file, if they were measured from the same."""
    try:
        figures = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return figures if isinstance(figures, dict) and figures.get("measured_from") == key else None


def percent(share: Mapping[str, float | None]) -> str:
    """An accuracy with its interval; a dash where no query could be asked.

    >>> percent({"value": 0.5, "low": 0.25, "high": 0.754}), percent({"value": None, "low": None, "high": None})
    ('50.0 (25.0 to 75.4)', '-')
    """
    if share["value"] is None:
        return "-"
    value, low, high = (f"{100 * (share[name] or 0):.1f}" for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"
