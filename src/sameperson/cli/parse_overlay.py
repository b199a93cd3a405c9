"""`sameperson parse overlay`: label maps painted over their pictures."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError, apart, atomic
from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.label_sources import (
    LabelSource,
    add_root,
    from_folder,
    from_network,
    from_run,
    is_run,
    require_set,
)
from sameperson.cli.common.number_args import positive
from sameperson.cli.common.picture_args import readable_ones
from sameperson.cli.common.share_arg import share

if TYPE_CHECKING:
    from sameperson.priors.label_sets import Labels
    from sameperson.types import Samples

HELP = "paint label maps over their pictures"
DESCRIPTION = (
    "Paint label maps over their pictures: PNGs of a folder, the parts that a training run found, or what trained "
    "weights see. Without any, the parsing beside the pictures. One sheet with a legend, or, into a folder, a file a "
    "picture."
)
EXAMPLE = "sameperson parse overlay people --out overlays.png"
ENDINGS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
OTHERS = {".bmp", ".gif", ".html", ".pdf", ".svg", ".tif", ".tiff", ".webp"}
"""Endings that nobody gives a folder."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The job's words."""
    parser.add_argument("pictures", type=Path, metavar="PICTURES", help="a picture, a folder, a CSV or a list file")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--labels", type=Path, metavar="FOLDER|RUN", help="PNGs named as the pictures, or a run")
    source.add_argument("--weights", type=Path, metavar="FILE|RUN", help="what these weights see")
    parser.add_argument("--set", metavar="SET", help="of a folder's labels: lip, isp-7, world, ... (lip)")
    parser.add_argument("--true", type=Path, metavar="FOLDER", help="also true labels, beside the others")
    parser.add_argument("--true-set", default="lip", metavar="SET", help="of the true labels (lip)")
    parser.add_argument("--out", type=Path, default=Path("overlays.png"), help="a sheet, or a folder (%(default)s)")
    parser.add_argument("--count", type=positive, default=36, metavar="N", help="pictures on a sheet (%(default)s)")
    parser.add_argument("--share", type=share, default=0.5, metavar="S", help="of the colour in the mix, 0 to 1 (0.5)")
    parser.add_argument("--skip-broken", action="store_true", help="leave unreadable pictures out, and count them")
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Paint, and say where it lies."""
    from sameperson.data.readers.pictures import read_pictures
    from sameperson.locks import locked

    if options.out.suffix.lower() in OTHERS and not options.out.is_dir():
        found = f"--out {options.out}"
        raise InputError(found, "a sheet that ends in .png or .jpg, or a folder", f"try {options.out.stem}.png")
    samples, broken = readable_ones(read_pictures(options.pictures), options.skip_broken)
    sources = sources_of(options, samples)
    rows = sorted(set(sources[0].rows).intersection(*(source.rows for source in sources[1:])))
    if not rows:
        names = " and ".join(source.name for source in sources)
        raise InputError(f"{options.pictures}: no picture with maps of {names}", "some", "check the folders")
    if options.out.suffix.lower() in ENDINGS:
        shown = spread(rows, options.count)
        write_sheet(options, samples, sources, shown)
    else:
        shown = rows
        read = {samples.file(row).parent for row in rows}.union(*(source.folders for source in sources))
        apart(options.out, read)
        with locked(options.out):
            write_each(options, samples, sources, shown)
    print(f"{options.out}: {len(shown)} of {len(rows)} pictures with maps of {', '.join(s.name for s in sources)}")
    figures = {
        "pictures": len(samples),
        "with_maps": len(rows),
        "shown": [str(samples.path[row]) for row in shown],
        "out": str(options.out),
        "sets": [source.labels.name for source in sources],
        **broken,
    }
    write_json(options.json, figures)
    return 0


def sources_of(options: argparse.Namespace, samples: Samples) -> list[LabelSource]:
    """The maps to show, then the true ones where the user names them."""
    from sameperson.priors.locations import find_priors

    if options.weights is not None:
        first = from_network(options.weights, samples)
        require_set(first, options.set, "--set")
    elif options.labels is not None and is_run(options.labels):
        first = from_run(options.labels, samples, options.root)
        require_set(first, options.set, "--set")
    else:
        root = samples.root
        place = options.labels or (find_priors(root) or find_priors(root.parent, root.name)).get("parsing")
        if place is None:
            then = "give --labels FOLDER, --labels RUN or --weights FILE"
            raise InputError(f"{root}: no parsing beside the pictures", "label maps", then)
        first = from_folder(place, samples, options.set or "lip")
    return [first] if options.true is None else [first, from_folder(options.true, samples, options.true_set)]


def spread(rows: list[int], count: int) -> list[int]:
    """At most so many rows, evenly spread.

    >>> spread([0, 1, 2, 3, 4, 5], 3)
    [0, 2, 4]
    """
    return [rows[place * len(rows) // count] for place in range(count)] if len(rows) > count else rows


def maps_of(sources: list[LabelSource], rows: list[int]) -> Iterator[tuple[Labels, ...]]:
    """For each picture its map of each source."""
    return zip(*(source.maps(rows) for source in sources), strict=True)


def write_sheet(options: argparse.Namespace, samples: Samples, sources: list[LabelSource], rows: list[int]) -> None:
    """One picture of them all."""
    from sameperson.images.decode import picture_of
    from sameperson.report.overlays import Shown, sheet

    maps = maps_of(sources, rows)
    shown = [Shown(str(samples.path[row]), picture_of(samples, row), found) for row, found in zip(rows, maps)]
    page = sheet(shown, [source.labels for source in sources], [source.name for source in sources], options.share)
    with atomic(options.out) as temporary:
        page.save(temporary, format=ENDINGS[options.out.suffix.lower()], quality=92)


def write_each(options: argparse.Namespace, samples: Samples, sources: list[LabelSource], rows: list[int]) -> None:
    """A file a picture, at the picture's own size; what is painted from two sources lies side by side.

    Where a picture or a map cannot be read, the files that were written before it are removed again.
    """
    import numpy as np
    from PIL import Image

    from sameperson.cli.common.progress import counting
    from sameperson.images.decode import picture_of
    from sameperson.priors.name_match import stem_of
    from sameperson.report.overlays import painted

    new: list[Path] = []
    try:
        with counting("pictures") as tell:
            for done, (row, found) in enumerate(zip(rows, maps_of(sources, rows)), start=1):
                picture = picture_of(samples, row)
                copies = [painted(picture, labels, of.labels, options.share) for labels, of in zip(found, sources)]
                target = options.out / f"{stem_of(str(samples.path[row]))}.png"
                new += [] if target.exists() else [target]
                with atomic(target) as temporary:
                    Image.fromarray(np.concatenate(copies, axis=1)).save(temporary, format="PNG")
                tell(done, len(rows))
    except InputError:
        remove_files(new, options.out)
        raise


def remove_files(files: list[Path], root: Path) -> None:
    """Remove files below `root`, and the folders that are empty without them."""
    for file in files:
        file.unlink(missing_ok=True)
        with suppress(OSError):  # of a folder that still holds something
            while file != root:
                file = file.parent
                file.rmdir()
