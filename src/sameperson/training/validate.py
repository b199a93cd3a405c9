"""Validation on people held out of training, by which the weights are chosen."""

from __future__ import annotations

from sameperson.checks import choose
from sameperson.config import Recipe
from sameperson.evaluation.embed import embed
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.result import Evaluation, evaluate
from sameperson.evaluation.similarity import Similarity
from sameperson.methods.load import TrainedNetwork, describe
from sameperson.methods.method import Method
from sameperson.training.task import Validation
from sameperson.training.train_split import TrainSplit

IDENTITY_FIGURES = {f"val/{name}": name for name in ("rank1", "rank5", "rank10", "mAP", "mINP")}
"""The names of the figures in a line of metrics, and in the result."""


def validate(method: Method, recipe: Recipe, pictures: TrainSplit) -> Evaluation:
    """Evaluate a method on the held-out people by the split's protocol; the method is left in evaluation mode."""
    how = recipe.evaluate
    protocol = choose("protocol", pictures.protocol, PROTOCOLS)
    network = TrainedNetwork(method.eval(), describe(recipe, pictures.train.people, needs=method.needs))
    query, gallery = (
        embed(network, samples, batch=how.batch, workers=recipe.data.workers, flip=how.flip, give=method.match)[0]
        for samples in pictures.validation
    )
    counts = {"resamples": how.resamples, "seed": recipe.seed}
    similarity = Similarity(how.metric, method.match, method.wholes)
    return evaluate(query, pictures.query, gallery, pictures.gallery, protocol, metric=similarity, **counts)


def validate_identities(method: Method, recipe: Recipe, pictures: TrainSplit) -> Validation | None:
    """Validate by search for the held-out people; None where no query has a match."""
    evaluation = validate(method, recipe, pictures)
    if not evaluation.queries:
        return None
    figures = evaluation.to_json()
    return Validation(figures, {name: figures[key]["value"] for name, key in IDENTITY_FIGURES.items()})
