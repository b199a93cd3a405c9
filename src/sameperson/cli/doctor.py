"""`sameperson doctor`: what a dataset is, what is wrong with it, and what to type next."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson.checks import InputError
from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.network_args import add_network
from sameperson.cli.common.next_command import options_of
from sameperson.cli.common.number_args import seed
from sameperson.cli.common.picture_args import add_pattern, add_pictures, stored_at
from sameperson.cli.common.share_arg import fraction

if TYPE_CHECKING:
    from collections.abc import Callable

    from sameperson.data.doctor.all_splits import AllSplits
    from sameperson.data.doctor.examine import Diagnosis, Embedded
    from sameperson.data.doctor.image_stats import ImageStats
    from sameperson.data.doctor.layouts import Opened
    from sameperson.data.doctor.unmatchable import Rule

NAME = "doctor"
HELP = "check a dataset: its layout, queries that can never match, copies, broken files; propose a split"
EXAMPLE = "sameperson doctor people --html people.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("data", type=Path, metavar="DATA", help="the dataset: a folder, a CSV, a list or a world.json")
    parser.add_argument("--layouts", action=Layouts, nargs=0, help="list the layouts that are known, and end")
    parser.add_argument("--reader", help="how DATA is laid out, where the doctor does not see it (docs/data.md)")
    add_pattern(parser)
    parser.add_argument("--protocol", help="by which queries are matched (else what suits DATA)")
    parser.add_argument("--no-pictures", action="store_true", help="look at names and labels only")
    parser.add_argument("--no-priors", action="store_true", help="pass over keypoints, maps and faces")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with the pictures in question")
    add_json(parser)
    split = parser.add_argument_group("split", "a split by person, from all that is known, as a CSV that is a dataset")
    split.add_argument("--fix-split", type=Path, metavar="CSV", help="write train, val, query and gallery here")
    split.add_argument("--test-fraction", type=fraction, default=0.3, metavar="F", help="people to test on (0.3)")
    split.add_argument("--val-fraction", type=fraction, default=0.1, metavar="F", help="people to validate on (0.1)")
    split.add_argument("--seed", type=seed, default=0, help="of the draw (0)")
    noise = parser.add_argument_group("labels", "pictures that look like somebody else; slow without a GPU")
    noise.add_argument("--label-noise", action="store_true", help="look for wrong labels by the network below")
    noise.add_argument("--embeddings", type=Path, metavar="FILE", help="the same by what `sameperson embed` wrote")
    add_pictures(parser)
    add_network(parser)


class Layouts(argparse.Action):
    """Prints the table of all layouts, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print it as docs/data.md holds it."""
        from sameperson.data.doctor.layouts import listing

        print("\n".join(listing()))
        parser.exit()


def run(args: argparse.Namespace) -> int:
    """Examine, and tell."""
    from sameperson.cli.common.progress import counting
    from sameperson.cli.doctor_print import told
    from sameperson.data.doctor.examine import examine
    from sameperson.data.doctor.layouts import open_tree

    opened = open_tree(args.data, args.reader, args.pattern)
    rule = rule_of(opened, args.protocol)
    embedded = None
    if args.label_noise or args.embeddings or args.weights or args.network:
        embedded = features_of(args)
    with counting("pictures looked at") as progress:
        diagnosis = examine(
            opened,
            rule,
            look=not args.no_pictures,
            priors=not args.no_priors,
            embedded=embedded,
            progress=progress,
            options=options_of(args),
        )
    if args.fix_split is not None:  # what to type next is then about the split
        diagnosis = replace(diagnosis, commands=())
    print(told(diagnosis))
    if args.fix_split is not None:
        print(fixed(opened, args))
        diagnosis = replace(diagnosis, commands=(next_of(args),))
    if args.html is not None:
        from sameperson.report.doctor import write_page

        print(f"{write_page(diagnosis, args.html)}: the same with pictures")
    write_json(args.json, figures(diagnosis))
    return 0


def rule_of(opened: Opened, named: str | None) -> Rule:
    """The protocol that the user names, else the one that suits the dataset, settled for it as `evaluate` would."""
    from sameperson.checks import choose
    from sameperson.evaluation.protocols.catalogue import PROTOCOLS
    from sameperson.evaluation.protocols.doctor_rule import ProtocolRule

    usual = next(iter(opened.layout.protocols), "camera_blind")
    usual = usual if opened.dataset is None else opened.dataset.protocol
    return ProtocolRule.of(choose("protocol", named or usual, PROTOCOLS), opened.dataset)


def features_of(args: argparse.Namespace) -> Callable[[AllSplits, ImageStats | None], Embedded]:
    """What makes features of a dataset: a file of embeddings, or a network."""
    import numpy as np

    from sameperson.data.command_options import unused
    from sameperson.data.doctor.examine import Embedded

    def stored(splits: AllSplits, _: ImageStats | None) -> Embedded:
        embedded = replace(options_of(args), pattern=None)  # whose pictures are found by their files
        store = stored_at(args.embeddings, embedded.embed(args.embeddings))
        place = {str(store.samples.file(row).resolve()): row for row in range(len(store.samples))}
        found = [(int(row), place.get(str(splits.file(int(row)).resolve()))) for row in splits.first]
        pairs = np.array([pair for pair in found if pair[1] is not None], np.int64).reshape(-1, 2)
        if not len(pairs):
            expected = f"embeddings of the pictures in {args.data}"
            then = f"embed these: {embedded.embed(unused(f'{args.data.resolve().stem}.parquet'))}"
            raise InputError(f"{args.embeddings}: of other pictures", expected, then)
        return Embedded(store.embeddings.features[pairs[:, 1]].astype(np.float32), pairs[:, 0])

    def made(splits: AllSplits, stats: ImageStats | None) -> Embedded:
        from sameperson.cli.common.network_args import network_of
        from sameperson.cli.common.picture_args import Reading, embed_pictures

        network = network_of(args)
        reading = replace(Reading.of(args), skip_broken=stats is not None or args.skip_broken)
        use = splits.first if stats is None else splits.first[stats.readable]
        features, rows = [], []
        for split, samples in enumerate(splits.samples):
            mine = np.sort(use[(splits.split[use] == split) & splits.known[use]])
            if len(mine):
                kept, embeddings = embed_pictures(network, samples.take(mine - splits.starts[split]), reading, [])
                if len(kept) != len(mine):
                    there = set(kept.path.tolist())
                    mine = np.array([row for row in mine.tolist() if str(splits.path[row]) in there], np.int64)
                features.append(embeddings.features)
                rows.append(mine)
        return Embedded(np.concatenate(features).astype(np.float32), np.concatenate(rows))

    return stored if args.embeddings is not None else made


def fixed(opened: Opened, args: argparse.Namespace) -> str:
    """Write the split; what it holds, in one or two lines."""
    from sameperson.cli.common.progress import counting
    from sameperson.data.doctor.all_splits import AllSplits
    from sameperson.data.doctor.image_stats import measure_images
    from sameperson.data.doctor.propose_split import propose_split, write_split

    if opened.dataset is None:
        raise opened.trouble or InputError(f"{opened.path}: unreadable", "a dataset", "mend it first")
    if args.fix_split.suffix.lower() != ".csv":
        raise InputError(f"{args.fix_split}: no .csv", "a file that the csv reader opens", "name it split.csv")
    splits = AllSplits.of(opened.dataset)
    stats = None
    if not args.no_pictures:
        with counting("pictures to split") as progress:
            stats = measure_images(splits, progress)
    tracks = opened.dataset.tracks
    proposed = propose_split(splits, stats, args.test_fraction, args.val_fraction, args.seed, tracks=tracks)
    write_split(args.fix_split, proposed.splits)
    parts = ", ".join(f"{name} {len(part)} of {part.people}" for name, part in proposed.splits.items())
    lines = [f"{args.fix_split}: a split by person, pictures of people: {parts} (seed {args.seed})"]
    if proposed.left_out:
        lines.append("left out: " + ", ".join(f"{count} {why}" for why, count in proposed.left_out.items()))
    if proposed.one_camera:
        lines.append("nobody is seen by two cameras, so it can only be judged camera-blind: say so beside figures")
    lines.append(f"next: {next_of(args)}")
    return "\n".join(lines)


def next_of(args: argparse.Namespace) -> str:
    """The command that examines the split which was written: it says by itself how it is read."""
    return replace(options_of(args, args.fix_split), reader=None, pattern=None).doctor()


def figures(diagnosis: Diagnosis) -> dict[str, object]:
    """The diagnosis as JSON."""

    opened = diagnosis.opened
    cameras = diagnosis.cameras
    return {
        "data": str(opened.path),
        "layout": opened.layout.name,
        "could_also_be": [other.name for other in opened.others],
        "readable": opened.dataset is not None,
        "protocol": diagnosis.protocol,
        "findings": [
            {key: value for key, value in asdict(one).items() if key != "shows"} for one in diagnosis.findings
        ],
        "splits": [asdict(table) for table in diagnosis.tables],
        "cameras": None if cameras is None else {"ids": cameras.cameras.tolist(), "people": cameras.people.tolist()},
        "sizes": None if diagnosis.sizes is None else asdict(diagnosis.sizes),
        "priors": [asdict(one) for one in diagnosis.priors],
        "next": list(diagnosis.commands),
    }
