"""What is known of a picture beside its labels: keypoints, parsing, masks. One on-disk form each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sameperson.checks import InputError, choose, nearest
from sameperson.priors.keypoints import Keypoints, load_keypoints
from sameperson.priors.maps import LabelMaps
from sameperson.priors.masks import load_masks
from sameperson.priors.parsing import load_parsing
from sameperson.types import Samples

Prior = Keypoints | LabelMaps
PRIORS: dict[str, Callable[[Path, Samples], Prior]] = {
    "keypoints": load_keypoints,
    "parsing": load_parsing,
    "mask": load_masks,
}


def open_priors(samples: Samples, names: Sequence[str]) -> Mapping[str, Prior]:
    """The priors that a recipe asks for, each keyed by the rows of `samples`.

    Raises:
        InputError: a prior that is not known, or that does not lie beside these pictures.
    """
    opened: dict[str, Prior] = {}
    for name in names:
        load = choose("prior", name, PRIORS)
        if name not in samples.priors:
            expected = f"{name} beside the pictures in {samples.root}"
            has = nearest(name, samples.priors) if samples.priors else "this dataset has none: set data.priors=[]"
            raise InputError(f"no {name}", expected, has)
        opened[name] = load(samples.priors[name], samples)
    return opened
