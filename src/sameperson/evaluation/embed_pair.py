"""Embeds the two pictures of a comparison, which may lie in different folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sameperson.checks import existing_file
from sameperson.evaluation.embed import embed
from sameperson.evaluation.network import Network, needs_of
from sameperson.types import JUNK, Embeddings, Samples


def embed_pair(network: Network, a: str | Path, b: str | Path, *, flip: bool = False) -> Embeddings:
    """Embed two pictures: two rows. flip: add the mirrored pictures' features.

    Where the network needs priors, those of each are looked for in its own folder and beside it. Raises InputError for
    what is no picture, and for priors that are not there.
    """
    files = [existing_file(path, "a picture") for path in (a, b)]
    if not needs_of(network):
        pair = Samples.of([str(file) for file in files], [JUNK, JUNK])
        return embed(network, pair, batch=2, flip=flip)[0]
    alone = [Samples.of([file.name], [JUNK], root=file.parent) for file in files]
    one, other = (embed(network, picture, batch=1, flip=flip)[0] for picture in alone)
    return Embeddings(np.concatenate([one.features, other.features]), one.fingerprint)
