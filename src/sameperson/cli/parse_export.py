"""`sameperson parse export`: the parts that a run found, as PNGs."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.label_sources import add_root

HELP = "write the parts that a run found for its training pictures, a PNG a picture"
DESCRIPTION = (
    "Write the part labels that a training run found last as palette PNGs, named as its training pictures are. Other "
    "tools read them; the run itself keeps them in one file."
)
EXAMPLE = "sameperson parse export runs/isp --out parts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The job's words."""
    parser.add_argument("folder", type=Path, metavar="RUN", help="the folder of a training run of isp")
    parser.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="a new or empty folder")
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Write, and say where they lie."""
    from sameperson.checks import InputError, writing
    from sameperson.cli.common.label_sources import open_parts
    from sameperson.locks import locked
    from sameperson.methods.isp.part_labels import export

    with locked(options.out):
        if options.out.exists() and (options.out.is_file() or any(options.out.iterdir())):
            raise InputError(f"{options.out}: there already", "a new or empty folder", "choose another --out")
        train, parts = open_parts(options.folder, options.root)
        growing = options.out.with_name(f".{options.out.name}.part")
        with writing(options.out):
            shutil.rmtree(growing, ignore_errors=True)  # a killed run's
            export(parts, train, growing)
            if options.out.exists():
                options.out.rmdir()
            growing.rename(options.out)
    print(f"{options.out}: {len(train)} pictures, labels isp-{parts.parts + 1}, found before epoch {parts.epoch + 1}")
    figures = {"pictures": len(train), "labels": f"isp-{parts.parts + 1}", "epoch": parts.epoch + 1}
    write_json(options.json, {**figures, "place": str(options.out)})
    return 0
