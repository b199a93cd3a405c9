"""Cross-dataset evaluation: a matrix of networks by data sets, each cell written to a file as soon as it is measured.

A cell's file says what it was measured from, and is used again only if nothing of that has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sameperson.checks import InputError, atomic, read_json
from sameperson.config import Data
from sameperson.data.dataset import Dataset
from sameperson.data.needed_priors import SamplesWithPriors
from sameperson.evaluation.embed import embed
from sameperson.evaluation.network import Network, with_priors
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.query_gallery import Embedded, embed_sides, unit_of
from sameperson.evaluation.result import evaluate
from sameperson.types import Samples

CHUNK = 4096
"""Pictures of tracklets whose embeddings are in memory at once."""
SHOWN = {"rank1": "rank-1", "mAP": "mAP"}
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class NamedDataset:
    """A data set with a name: how it is read, its content, and the protocol of its test people."""

    name: str
    data: Data
    dataset: Dataset
    protocol: Protocol


@dataclass(frozen=True)
class NamedNetwork:
    """A network with a name, the metric of its features, and whether mirrored pictures are embedded too."""

    name: str
    network: Network
    metric: str = "cosine"
    flip: bool = False


@dataclass(frozen=True)
class EvaluationSettings:
    """Settings of the evaluation of all cells; batch and workers change how pictures are read, and no figure."""

    resamples: int = 2000
    seed: int = 0
    batch: int = 64
    workers: int = 0
    skip_broken: bool = False


@dataclass
class Matrix:
    """The matrix of figures by (network, data set), with one file for each cell in `folder`."""

    folder: Path
    settings: EvaluationSettings
    cells: dict[tuple[str, str], Figures] = field(default_factory=dict)

    def cell(self, source: NamedNetwork, target: NamedDataset) -> Figures:
        """The figures of a network on a data set, from the cell's file if it is still valid, otherwise measured."""
        key = self.measured_from(source, target)
        file = self.folder / f"{source.name}--{target.name}.json"
        figures = kept(file, key)
        if figures is None:
            measured = json.dumps({**self.measure(source, target), "measured_from": key})
            figures = json.loads(measured, parse_constant=lambda _: None)  # NaN becomes null, since JSON has no NaN
            with atomic(file) as temporary:
                temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        self.cells[source.name, target.name] = figures
        return figures

    def measured_from(self, source: NamedNetwork, target: NamedDataset) -> dict[str, Any]:
        """Everything that a cell's figures depend on."""
        return {
            "network": source.network.fingerprint,
            "flip": source.flip,
            "metric": source.metric,
            "data": str(target.data.root),
            "reader": target.data.reader,
            "pictures": [len(target.dataset.query), len(target.dataset.gallery)],
            "unit": unit_of(target.dataset),
            "protocol": target.protocol.name,
            "rules": target.protocol.rules,
            "resamples": self.settings.resamples,
            "seed": self.settings.seed,
            "skip_broken": self.settings.skip_broken,
            **priors_of(source.network, target.dataset),
        }

    def measure(self, source: NamedNetwork, target: NamedDataset) -> dict[str, Any]:
        """Embed a data set with a network, and evaluate it."""
        how = self.settings
        reading = {"batch": how.batch, "workers": how.workers, "flip": source.flip, "skip_broken": how.skip_broken}

        broken = []

        def embed_all(samples: Samples | SamplesWithPriors) -> Embedded:
            embeddings, readable, unreadable = embed(source.network, samples, **reading)
            broken.extend(item.path for item in unreadable)
            return readable, embeddings

        def embed_chunks(samples: Samples) -> Iterable[Embedded]:
            pictures = with_priors(source.network, samples)
            pictures.note_missing()
            return (embed_all(pictures.take(slice(at, at + CHUNK))) for at in range(0, len(pictures), CHUNK))

        (queries, query), (pictures, gallery) = embed_sides(target.dataset, embed_all, embed_chunks)
        result = evaluate(
            query,
            queries,
            gallery,
            pictures,
            target.protocol,
            metric=source.metric,
            resamples=how.resamples,
            seed=how.seed,
        )
        return {**replace(result, unit=unit_of(target.dataset)).to_json(), "broken": len(broken)}

    def table(self) -> str:
        """The matrix as text: a row for each training set, a column for each test set.

        Figures are rank-1 and mAP in percent with their intervals.
        """
        rows = list(dict.fromkeys(row for row, _ in self.cells))
        columns = list(dict.fromkeys(column for _, column in self.cells))
        lines = [["", "", *columns], ["", "", *(self.cells[rows[0], column]["protocol"] for column in columns)]]
        for row in rows:
            for figure, called in SHOWN.items():
                shares = [percent(self.cells[row, column][figure]) for column in columns]
                lines.append([row if figure == "rank1" else "", called, *shares])
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        heading = "rows: learned from; columns: tested on; % (95 % of resamples)"
        padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join([heading, *(line.rstrip() for line in padded)])

    def to_json(self) -> dict[str, dict[str, Figures]]:
        """The figures as plain data: row -> column -> figures."""
        tree: dict[str, dict[str, Figures]] = {}
        for (row, column), figures in self.cells.items():
            tree.setdefault(row, {})[column] = figures
        return tree


def priors_of(network: Network, dataset: Dataset) -> dict[str, str]:
    """What the priors that a network needs of queries and gallery were read from, as a hash; {} where it needs none."""
    sides = [with_priors(network, samples) for samples in (dataset.query, dataset.gallery)]
    if not any(side.priors for side in sides):
        return {}
    stamps = [side.stamp(row) for side in sides for row in range(len(side))]
    return {"priors": hashlib.sha256(json.dumps(stamps).encode()).hexdigest()}


def kept(file: Path, key: Mapping[str, Any]) -> Figures | None:
    """Read the figures in a cell's file; None unless they were measured from the same `key`."""
    try:
        figures = read_json(file)
    except InputError:
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
