"""The functions of the public face that stand on several rooms: read a dataset, embed, search, compare, train.

Users import them from `sameperson` itself. numpy comes in and goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.data.command_options import CommandOptions
from sameperson.data.dataset import Dataset
from sameperson.data.doctor.layouts import open_tree
from sameperson.data.readers import pictures
from sameperson.evaluation.embed import embed as embed_samples
from sameperson.evaluation.embed_pair import embed_pair
from sameperson.evaluation.network import Network
from sameperson.evaluation.parser_maps import with_parser
from sameperson.evaluation.rank import rank_top
from sameperson.evaluation.similarity import Similarity
from sameperson.locks import locked
from sameperson.methods import load
from sameperson.overrides import load_recipe
from sameperson.report import ranked_lists
from sameperson.retrieval.calibrate import SAME, calibration_of
from sameperson.retrieval.calibrated import calibrate_weights
from sameperson.retrieval.find import find
from sameperson.retrieval.preprocessing import Preprocessing
from sameperson.retrieval.user_network import open_network
from sameperson.training.distributed import is_first
from sameperson.training.loop import train as train_recipe
from sameperson.training.progress import Progress
from sameperson.training.result import TrainResult
from sameperson.training.run_folder import WEIGHTS
from sameperson.types import Embeddings, Ranking, Samples

if TYPE_CHECKING:
    from PIL.Image import Image

FOREIGN = (".onnx", ".xml")
"""Endings of networks of the user's own."""


@dataclass(frozen=True)
class Comparison:
    """Two pictures compared. distance: cosine, 0 to 2; probability: of one person, None without a calibration."""

    distance: float
    probability: float | None

    @property
    def same(self) -> bool | None:
        """Whether they show the same person, None where no calibration says it."""
        return None if self.probability is None else self.probability >= SAME


def read_dataset(path: str | Path, *, reader: str | None = None, pattern: str | None = None) -> Dataset:
    """Read a dataset as it lies on disk: its training pictures, its queries and its gallery.

    reader: one of the layouts of docs/data.md, recognised where it is left out. pattern: how a path says who and where.
    Raises InputError where there is no dataset, or one that cannot be read.
    """
    opened = open_tree(path, reader, pattern)
    if opened.dataset is None:
        examine = CommandOptions(Path(path), reader, pattern).doctor()
        raise opened.trouble or InputError(f"{path}: no dataset", "one that can be read", examine)
    return opened.dataset


def read_pictures(path: str | Path, pattern: str | None = None) -> Samples:
    """Read pictures of any form: one file, a folder, a CSV or a list. pattern: how a path says who and where."""
    return pictures.read_pictures(Path(path), pattern)


def load_network(
    path: str | Path | None = None,
    *,
    device: str | None = None,
    preprocessing: Preprocessing | None = None,
    parser: str | Path | None = None,
) -> Network:
    """Load a network: the one that comes with sameperson, weights, the folder of a run, or an .onnx or .xml file.

    preprocessing: what an .onnx or .xml wants done to its pictures. parser: weights, or a run, that make the parsing
    maps or masks which these weights need, on the way. Raises InputError for a file that is no network.
    """
    if path is not None and Path(path).suffix.lower() in FOREIGN:
        if parser is not None:
            raise InputError(f"a parser for {path}", "weights of ours, which may need one", "leave parser out")
        return open_network(path, preprocessing or Preprocessing())
    if preprocessing is not None:
        raise InputError("preprocessing for weights of ours", "an .onnx or .xml file", "leave preprocessing out")
    network = load.load_network(_weights(path), device=device)
    return network if parser is None else with_parser(network, load.load_network(_weights(parser), device=device))


def _weights(path: str | Path | None) -> Path | None:
    """The best weights of a run, where its folder is named."""
    return None if path is None else Path(path) / WEIGHTS if Path(path).is_dir() else Path(path)


def embed(
    network: Network, samples: Samples | str | Path, *, flip: bool = False, batch: int = 64, workers: int = 2
) -> Embeddings:
    """Embed pictures in their order, one feature each.

    samples: or where the pictures lie, as `read_pictures` takes it. flip: add the mirrored picture's feature.
    Raises InputError naming pictures that cannot be read.
    """
    if not isinstance(samples, Samples):
        samples = read_pictures(samples)
    found, _, _ = embed_samples(network, samples, batch=batch, workers=workers, flip=flip)
    return replace(found, fingerprint=f"{found.fingerprint}-flip") if flip else found


def search(
    query: Embeddings,
    queries: Samples,
    gallery: Embeddings,
    pictures: Samples,
    top: int = 10,
    similarity: Similarity | None = None,
) -> Ranking:
    """Find the `top` gallery pictures nearest to each query, the query's own file left out.

    similarity: cosine distance where it is left out. Raises InputError for embeddings of two networks.
    """
    return find(query, queries, gallery, pictures, top, similarity).ranking


def draw_ranking(queries: Samples, pictures: Samples, ranking: Ranking, rows: Sequence[int] | None = None) -> Image:
    """Draw ranked lists, each query at the left; where labels are known, answers are marked right or wrong.

    rows: of the queries to draw; all where it is left out.
    """
    return ranked_lists.draw(ranked_lists.ranked_lists(queries, pictures, ranking, rows=rows))


def compare(a: str | Path, b: str | Path, network: Network | None = None, *, flip: bool = False) -> Comparison:
    """Compare two pictures: their distance, and the probability that they show the same person.

    network: the one that comes with sameperson where it is left out. Half of all pairs are taken to be of one person.
    """
    network = load_network() if network is None else network
    found = embed_pair(network, a, b, flip=flip)
    distance = float(rank_top(found.take([0]), found.take([1]), 1).distances[0, 0])
    brought = getattr(getattr(network, "card", None), "calibration", None)
    if brought is None:
        return Comparison(distance, None)
    return Comparison(distance, float(calibration_of(brought, "the network").probability(distance)))


def train(
    recipe: Recipe | str | Path,
    folder: str | Path | None = None,
    *,
    overrides: Sequence[str] = (),
    dataset: Dataset | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> TrainResult:
    """Train by a recipe, and calibrate the weights on the people that the recipe held out; a parser has no calibration.

    recipe: or the name or the file of one. folder: where the run goes, `runs/` and the recipe's name where it is left
    out. overrides: words such as `optim.lr=1e-4`. dataset: instead of the one that the recipe names.
    Raises InputError for all that the user can mend.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe, overrides)
    elif overrides:
        raise InputError("overrides beside a whole recipe", "the name or the file of one", "put them into the recipe")
    folder = Path("runs") / recipe.name if folder is None else Path(folder)
    with locked(folder) if is_first() else nullcontext():
        result = train_recipe(recipe, folder, dataset=dataset, resume=resume, progress=progress)
        if not result.report or recipe.method.task != "identity":  # under torchrun only the first process writes
            return result
        calibration = calibrate_weights(result.weights, recipe, dataset)
    return replace(result, calibrated=calibration is not None)
