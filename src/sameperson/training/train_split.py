"""The training split of a run: pictures to learn from, and held-out people on whom the weights are chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sameperson.checks import InputError, choose
from sameperson.config import Recipe
from sameperson.data.broken_pictures import readable
from sameperson.data.dataset import Dataset
from sameperson.data.needed_priors import SamplesWithPriors, open_needed
from sameperson.data.readers import read_dataset
from sameperson.data.split import across_cameras, learned_and_held_out, query_and_gallery
from sameperson.evaluation.protocols.apply import apply_protocol
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.pairs import same_person
from sameperson.priors.load import open_priors
from sameperson.priors.needs import needs_in
from sameperson.priors.prior import NeededPrior, Prior
from sameperson.types import Samples


@dataclass(frozen=True)
class TrainSplit:
    """The training pictures, and the queries and gallery of other people for validation (empty without validation).

    protocol: the name of the validation protocol: the recipe's, or `camera_blind` where no one is seen by two cameras.
    skipped: how many broken pictures were left out. priors: those of `train` that the recipe asks for. nothing: why
    there is nothing to validate on though people are held out; "" where there is something. query_priors,
    gallery_priors: those that the method needs at test time.
    """

    train: Samples
    query: Samples
    gallery: Samples
    protocol: str
    skipped: int
    priors: Mapping[str, Prior] = field(default_factory=dict)
    nothing: str = ""
    query_priors: Mapping[str, NeededPrior] = field(default_factory=dict)
    gallery_priors: Mapping[str, NeededPrior] = field(default_factory=dict)

    @property
    def validation(self) -> tuple[SamplesWithPriors, SamplesWithPriors]:
        """The queries and the gallery for validation, with the priors that the method needs of them."""
        return SamplesWithPriors(self.query, self.query_priors), SamplesWithPriors(self.gallery, self.gallery_priors)

    def with_needs(self, names: Sequence[str], recipe: Recipe) -> TrainSplit:
        """Open what a method needs at test time: for validation, and for training where the recipe does not name it.

        Raises InputError as `open_priors` and `open_needed` do.
        """
        needs, more = needs_in(names, recipe.data), [name for name in names if name not in self.priors]
        priors = {**self.priors, **open_priors(self.train, more, recipe.data)}
        query, gallery = (open_needed(samples, needs) for samples in (self.query, self.gallery))
        for pictures in (query, gallery):
            pictures.note_missing()
        return replace(self, priors=priors, query_priors=query.priors, gallery_priors=gallery.priors)

    @property
    def validated(self) -> bool:
        """Whether any people are held out."""
        return len(self.query) > 0

    def counts(self) -> Mapping[str, Any]:
        """What stands behind the figures of the validation."""
        return {
            "validation_identities": self.query.people,
            "validation_queries": len(self.query),
            "validation_gallery": len(self.gallery),
            "protocol": self.protocol,
        }


def split_training(recipe: Recipe, dataset: Dataset | None = None) -> TrainSplit:
    """Divide the training pictures of `dataset`, or of the one that the recipe names, by identity.

    Raises InputError for broken pictures (unless the recipe skips them), too few people, held-out people without any
    valid query, and priors that cannot be read.
    """
    dataset, broken = readable(dataset or read_dataset(recipe.data), recipe.data.skip_broken)
    train, held_out = learned_and_held_out(dataset, recipe.data.val_fraction, recipe.seed)
    query, gallery = query_and_gallery(held_out)
    if len(held_out) and not len(query):
        raise InputError(
            f"{held_out.people} people held out to choose the model on, none with two pictures to compare",
            "people seen twice, best by two cameras",
            "raise data.val_fraction, or set data.val_fraction=0 to keep the last weights",
        )
    protocol = recipe.evaluate.protocol if across_cameras(held_out) else "camera_blind"
    how = choose("protocol", protocol, PROTOCOLS)
    # Raises before training where labels are missing.
    nothing = (
        ""
        if not len(query) or any_match(how, query, gallery)
        else (
            f"by protocol {how.name}, none of {len(query)} queries of the {held_out.people} people held out has a match"
        )
    )
    priors = open_priors(train, recipe.data.priors, recipe.data)
    return TrainSplit(train, query, gallery, protocol, broken, priors, nothing)


def any_match(protocol: Protocol, queries: Samples, pictures: Samples) -> bool:
    """Tell whether any query has a match that counts. Raises InputError as `apply_protocol`."""
    applied = apply_protocol(protocol, queries, pictures)
    asked, searched = queries.take(applied.query_rows), pictures.take(applied.gallery_rows)
    return len(same_person(asked, searched, applied.protocol).row) > 0
