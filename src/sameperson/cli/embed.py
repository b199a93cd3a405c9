"""`sameperson embed`: pictures become a Parquet file of embeddings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.network_args import add_network, network_name, network_of
from sameperson.cli.common.picture_args import Reading, add_pattern, add_pictures, embed_chunks, told

NAME = "embed"
HELP = "turn pictures into embeddings, kept in a Parquet file; a killed run goes on where it stopped"
EXAMPLE = "sameperson embed people/query --out query.parquet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("pictures", type=Path, metavar="PICTURES", help="a picture, a folder, a CSV or a list file")
    parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="the .parquet file to write")
    add_pattern(parser)
    add_pictures(parser)
    add_json(parser)
    add_network(parser)


def run(args: argparse.Namespace) -> int:
    """Embed, and say how many and by what."""
    from sameperson.data.readers.pictures import read_pictures
    from sameperson.evaluation.network import with_priors
    from sameperson.locks import locked
    from sameperson.retrieval.shards import SHARD, Shards
    from sameperson.retrieval.store import write_store

    samples = read_pictures(args.pictures, args.pattern)
    network = network_of(args)
    pictures = with_priors(network, samples)
    broken = []
    reading = Reading.of(args)
    with locked(args.out):
        shards = Shards(args.out, pictures, reading.made_by(network), skip_broken=reading.skip_broken, size=SHARD)
        if shards.done:
            print(f"{args.out}: {shards.done:,} of {len(samples):,} pictures were done already", file=sys.stderr)
        chunks = embed_chunks(network, pictures, reading, broken, SHARD, shards)
        written = write_store(args.out, chunks, network_name(args), network.size)
        shards.remove()
    print(f"{args.out}: {written} embeddings, fingerprint {reading.fingerprint(network)}")
    figures = {"pictures": written, **told(broken), "fingerprint": reading.fingerprint(network)}
    write_json(args.json, {**figures, "network": network_name(args), "size": list(network.size)})
    return 0
