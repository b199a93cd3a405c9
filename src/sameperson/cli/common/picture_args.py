"""How a command line names pictures, and what becomes of the broken ones.

Shared by `embed`, `search` and `evaluate`; nothing heavy is imported until pictures are read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson import __version__
from sameperson.checks import InputError
from sameperson.cli.common.number_args import positive, workers

if TYPE_CHECKING:
    from sameperson.data.broken_pictures import Broken
    from sameperson.data.needed_priors import SamplesWithPriors
    from sameperson.evaluation.network import Network
    from sameperson.methods.method import Give
    from sameperson.retrieval.shards import Shards
    from sameperson.retrieval.store import Store
    from sameperson.types import Embeddings, Samples

CHUNK = 4096
"""Pictures whose embeddings are held before they are written."""


@dataclass(frozen=True)
class Reading:
    """How pictures are read and embedded: so many at once, by so many threads, mirrored too, without the broken ones.

    give: whether a network that has parts is asked for them.
    """

    batch: int
    workers: int
    flip: bool
    skip_broken: bool
    give: Give = "features"

    @classmethod
    def of(cls, args: argparse.Namespace, give: Give = "features", *, flip: bool = False) -> Reading:
        """What the options of `add_pictures` say; flip: whatever they say."""
        return cls(args.batch, args.workers, args.flip or flip, args.skip_broken, give)

    def fingerprint(self, network: Network) -> str:
        """Names the embedding: with the mirrored picture's feature added it is another one."""
        return f"{network.fingerprint}-flip" if self.flip else network.fingerprint

    def made_by(self, network: Network) -> str:
        """Names all that shapes a feature to its last bit: the size of the batches too."""
        return f"{self.fingerprint(network)} {network.size} {self.give} {self.batch} {__version__}"


def add_pictures(parser: argparse.ArgumentParser) -> None:
    """How many pictures are read, and at what cost."""
    parser.add_argument("--skip-broken", action="store_true", help="leave unreadable pictures out, and count them")
    parser.add_argument("--flip", action="store_true", help="add the mirrored picture's feature: twice the work")
    parser.add_argument("--batch", type=positive, default=64, metavar="N", help="pictures at once (64)")
    parser.add_argument("--workers", type=workers, default=2, metavar="N", help="threads that read pictures (2)")


def add_pattern(parser: argparse.ArgumentParser) -> None:
    """`--pattern`, where a folder alone does not say who is on its pictures."""
    parser.add_argument("--pattern", help="how a path says who and where, e.g. '{pid}/{camid}/*' or '{pid}_*.jpg'")


def embed_pictures(
    network: Network, samples: Samples, reading: Reading, broken: list[Broken]
) -> tuple[Samples, Embeddings]:
    """The readable pictures and their embeddings; the others are added to `broken`."""
    parts = list(embed_chunks(network, samples, reading, broken, len(samples)))
    if not parts:
        raise InputError(f"{samples.root}: {len(broken)} pictures, all broken", "a readable one", "check the folder")
    return parts[0]


def embed_chunks(
    network: Network,
    samples: Samples | SamplesWithPriors,
    reading: Reading,
    broken: list[Broken],
    size: int = CHUNK,
    shards: Shards | None = None,
) -> Iterator[tuple[Samples, Embeddings]]:
    """The same, `size` pictures at a time; a chunk without a readable one is left out.

    samples: the priors that the network needs are opened once, and missing ones noted. shards: keep each chunk, and
    hold those that an earlier run has done.
    """
    from sameperson.cli.common.progress import counting
    from sameperson.evaluation.embed import embed
    from sameperson.evaluation.network import with_priors

    pictures = with_priors(network, samples)
    pictures.note_missing()
    with counting("pictures") as tell:
        for start in range(0, len(pictures), size):
            found = None if shards is None else shards.load(start)
            if found is None:
                part = pictures.take(slice(start, start + size))
                found = embed(
                    network,
                    part,
                    progress=lambda done, _, before=start: tell(before + done, len(pictures)),
                    **vars(reading),
                )
                if shards is not None:
                    shards.save(start, found[0], found[2])
            embeddings, kept, unreadable = found
            broken.extend(unreadable)
            if len(kept):
                yield kept, replace(embeddings, fingerprint=reading.fingerprint(network))


def stored_at(path: Path, make: str, fingerprint: str | None = None) -> Store:
    """The embeddings in a file. make: the command that would write it. fingerprint: of the network, if one is named.

    Raises InputError, with that command, for any other file, and for embeddings of another network.
    """
    from sameperson.retrieval.store import MAKE_IT, read_store, require_same_network

    try:
        store = read_store(path)
        if fingerprint is not None:
            require_same_network(store, fingerprint, path)
    except InputError as error:
        then = f"make it anew: {make}" if error.then == MAKE_IT else f"{error.then}; to make it: {make}"
        raise InputError(error.found, error.expected, then) from error
    return store


def readable_ones(samples: Samples, skip: bool) -> tuple[Samples, dict[str, Any]]:
    """The pictures that can be read, the others told as figures; all, unread, where none is to be left out."""
    if not skip:
        return samples, {}
    from sameperson.data.broken_pictures import require_readable

    kept, broken = require_readable(samples, skip=True)
    return kept, told(broken)


def told(broken: Sequence[Broken]) -> dict[str, Any]:
    """Broken pictures as figures; said on stderr too, where there are any."""
    if broken:
        from sameperson.data.broken_pictures import NAMED

        named = ", ".join(f"{item.path} ({item.reason})" for item in broken[:NAMED])
        more = "" if len(broken) <= NAMED else f" and {len(broken) - NAMED} more"
        print(f"left out {len(broken)} broken: {named}{more}", file=sys.stderr)
    return {"broken": len(broken), "broken_files": [item.path for item in broken]}
