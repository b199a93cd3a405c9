"""Validation of a parser on pictures held out of training, by which its weights are chosen.

Each picture's own size is measured at, and counts are added up picture by picture, so that no map is kept.
"""

from __future__ import annotations

from sameperson.config import Recipe
from sameperson.data.split import people_or_pictures
from sameperson.evaluation.predict_labels import predict_labels
from sameperson.evaluation.segmentation import Confusion, classes, nearest
from sameperson.methods.load import TrainedNetwork, describe
from sameperson.methods.method import Method
from sameperson.training.parsing_split import ParsingSplit
from sameperson.training.task import Validation

PARSING_FIGURES = {
    "val/mIoU": "mean_iou",
    "val/pixel_accuracy": "pixel_accuracy",
    "val/mean_accuracy": "mean_accuracy",
}
"""The names of the figures in a line of metrics, and in the result."""


def validate_parsing(method: Method, recipe: Recipe, pictures: ParsingSplit) -> Validation | None:
    """Measure a method on the held-out pictures; the method is left in evaluation mode.

    The intervals are over people where they are known, else over pictures. None where no pixel is labelled.
    """
    how, truth = recipe.evaluate, pictures.truth
    if truth is None:
        return None
    network = TrainedNetwork(method.eval(), describe(recipe, pictures.train.people))
    groups = people_or_pictures(pictures.held_out)
    confusion = Confusion(pictures.labels, pictures.labels)
    for row, labels in predict_labels(
        network, pictures.held_out, batch=how.batch, workers=recipe.data.workers, flip=how.flip
    ):
        true = truth.read(row)
        if true is not None:
            confusion.add(nearest(labels, (true.shape[0], true.shape[1])), true, int(groups[row]))
    found = classes(confusion.counts, pictures.labels, pictures.labels, how.resamples, recipe.seed)
    if found is None or not confusion.counts.any():
        return None
    figures = found.to_json()
    shares = {name: figures[key]["value"] for name, key in PARSING_FIGURES.items()}
    shares |= {f"val/IoU/{name}": share.value for name, share in found.iou.items()}
    counts = {"pictures": confusion.pictures, "groups": confusion.groups, "labels": pictures.labels.name}
    return Validation({**figures, **counts}, shares)
