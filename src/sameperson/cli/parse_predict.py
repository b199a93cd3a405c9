"""`sameperson parse predict`: what trained weights see on pictures, as PNGs."""

from __future__ import annotations

import argparse
from pathlib import Path

from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.label_sources import from_network
from sameperson.cli.common.picture_args import readable_ones

HELP = "write what weights say each pixel shows, a PNG a picture"
DESCRIPTION = (
    "Write a palette PNG for every picture, of the picture's own size and named as the picture is; --cells keeps the "
    "network's own grid (a quarter of its input). A killed run goes on where it stopped. Written as parsing/ into the "
    "pictures' folder, the maps are a prior for every method (data.priors)."
)
EXAMPLE = "sameperson parse predict people/query --weights runs/isp --out parts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The job's words."""
    parser.add_argument("pictures", type=Path, metavar="PICTURES", help="a picture, a folder, a CSV or a list file")
    parser.add_argument("--weights", type=Path, metavar="FILE|RUN", required=True, help="weights, or a run's folder")
    parser.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="a new folder")
    parser.add_argument("--flip", action="store_true", help="also look at the mirrored picture, and take the mean")
    parser.add_argument("--cells", action="store_true", help="as fine as the network sees, not the picture's own size")
    parser.add_argument("--skip-broken", action="store_true", help="leave unreadable pictures out, and count them")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Predict, and say where it lies."""
    from sameperson.checks import InputError
    from sameperson.cli.common.progress import counting
    from sameperson.data.readers.pictures import read_pictures
    from sameperson.locks import locked
    from sameperson.priors.resumable_writer import LabelMapWriter

    with locked(options.out):
        if options.out.exists():
            raise InputError(f"{options.out}: there already", "a new folder", "choose another --out")
        samples, broken = readable_ones(read_pictures(options.pictures), options.skip_broken)
        source = from_network(options.weights, samples, own_size=not options.cells, flip=options.flip)
        key = f"{source.made_by} {'cells' if options.cells else 'own'} {options.flip} {samples.root}"
        writer = LabelMapWriter(options.out, key, [str(path) for path in samples.path])
        waiting = [row for row in source.rows if not writer.has(row)]
        with counting("pictures") as tell:
            for done, (row, labels) in enumerate(
                zip(waiting, source.maps(waiting)), start=len(samples) - len(waiting) + 1
            ):
                writer.add(row, labels, source.labels)
                tell(done, len(samples))
        writer.finish()
    print(f"{options.out}: {len(samples)} pictures, labels {source.labels.name}")
    figures = {"pictures": len(samples), "labels": source.labels.name, "made_by": source.made_by, **broken}
    write_json(options.json, {**figures, "place": str(options.out)})
    return 0
