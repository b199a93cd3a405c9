"""`sameperson evaluate A B DATA --compare`: which of two networks is better, and how sure that is."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson.checks import InputError
from sameperson.cli.common.dataset_args import chosen, say_what_it_is
from sameperson.cli.common.evaluation_args import (
    Comparison,
    Embedded,
    Subject,
    TestSet,
    embedded,
    parsed,
    recipe_of,
    say_unit,
)
from sameperson.cli.common.json_output import write_json
from sameperson.cli.common.network_args import parsed as parsed_by
from sameperson.cli.common.network_args import weights_file
from sameperson.cli.common.next_command import options_of
from sameperson.cli.evaluate_write import figures_of, stored_labels, try_priors, write_results

if TYPE_CHECKING:
    from sameperson.data.dataset import Dataset
    from sameperson.evaluation.paired_comparison import PairedComparison
    from sameperson.evaluation.result import Evaluation

RESAMPLES = 10_000


def compare(args: argparse.Namespace, test: TestSet) -> int:
    """Evaluate both on the same queries, and print the differences."""
    from sameperson.evaluation.paired_comparison import compare_paired

    sides = sides_of(args)
    protocols = chosen(args.protocol, test.dataset)
    if len(protocols) > 1:
        one = f"compare by one at a time: {pair_command(args, args.weights, protocols[0].name)}"
        raise InputError(f"--protocol {args.protocol} with --compare", "one protocol", one)
    first: list[Searched] = []
    kept = None if args.report is None else first
    a, b = ([evaluated(path, args, test, kept if k == 0 else None) for k, path in enumerate(side)] for side in sides)
    say_what_it_is(test.path, test.layout, test.dataset, protocols)
    say_unit(test.dataset)
    pids = heads_of(test.dataset).pid
    found = compare_paired(a, b, pids, RESAMPLES, args.seed)
    names = [",".join(map(str, side)) for side in sides]
    print(told(names, [a, b], found))
    runs = {str(path): one.to_json() for side, done in zip(sides, (a, b), strict=True) for path, one in zip(side, done)}
    figures = {"data": str(args.data), "a": names[0], "b": names[1], **found.to_json(), "runs": runs}
    if args.report is None:
        write_json(args.json, figures)
    else:
        write_page_of_two(args, figures, first, (a, b))
    return 0


@dataclass(frozen=True)
class Searched:
    """One network's embeddings of the dataset, how they were compared, and how well they did."""

    subject: Subject
    how: Comparison
    sides: Embedded
    result: Evaluation


def write_page_of_two(
    args: argparse.Namespace,
    figures: dict[str, Any],
    first: Sequence[Searched],
    runs: tuple[Sequence[Evaluation], Sequence[Evaluation]],
) -> None:
    """Write the page of A, with B beside it; the JSON then holds A's figures too. first: the first seed of each."""
    from sameperson.report.examples import Searches
    from sameperson.report.failures import Other

    one, two = first
    searches = Searches(
        two.result, two.sides.query, two.sides.queries, two.sides.gallery, two.sides.pictures, two.how.similarity
    )
    test, network = one.subject.test, one.subject.network
    about = {
        "command": shlex.join(["sameperson", *args.words]),
        "reader": test.layout.name,
        "network": one.subject.name,
        "fingerprint": one.sides.query.fingerprint,
        "recipe": recipe_of(network),
        **figures_of(one.result, one.sides),
    }
    other = Other((figures["a"], figures["b"]), searches, runs)
    write_results(args, {**about, **figures}, one.result, one.sides, one.how, stored_labels(network), other)


def sides_of(args: argparse.Namespace) -> list[list[Path]]:
    """The weights or runs of A and of B; several seeds of one method stand with commas between them."""
    words: Sequence[Path] = args.weights
    if len(words) != 2:
        expected = "two: weights or runs, with commas between the seeds of one method"
        two = [*words, *map(Path, "AB"[len(words) :])][:2]  # what was not typed stays open, as A and B
        raise InputError(f"--compare with {len(words)} networks", expected, pair_command(args, two))
    return [[Path(name) for name in str(word).split(",") if name] for word in words]


def pair_command(args: argparse.Namespace, words: Sequence[Path], protocol: str | None = None) -> str:
    """The command that compares these two on the same dataset."""
    first, second = words
    options = replace(options_of(args), weights=first, second=second)
    return options.evaluate("--compare", protocol=protocol)


def evaluated(path: Path, args: argparse.Namespace, test: TestSet, kept: list[Searched] | None) -> Evaluation:
    """One network's figures, by its own recipe's habits where the user names none.

    kept: where its embeddings are kept too, if a page is to show its searches.
    """
    from sameperson.methods.load import load_network

    alone = replace(options_of(args), weights=None, network=("--network", str(path)))
    file = weights_file(path, f"use it alone: {alone.evaluate()}")
    subject, how = parsed(args, test, parsed_by(load_network(file), args, among=True), str(path))
    if kept is not None:
        try_priors(args, test.dataset.query, stored_labels(subject.network))
    sides = embedded(subject, [])
    result = how.evaluate(sides, how.protocols[0])
    if kept is not None:
        kept.append(Searched(subject, how, sides, result))
    return result


def heads_of(dataset: Dataset) -> Any:
    """The queries as they are asked: pictures, or one row a tracklet."""
    from sameperson.evaluation.tracklets import first_of_each_track

    return first_of_each_track(dataset.query) if dataset.tracks else dataset.query


def told(names: Sequence[str], sides: Sequence[Sequence[Evaluation]], found: PairedComparison) -> str:
    """A line for each figure: A, B, A less B with its interval, and how sure."""
    lines = [f"A {names[0]} ({len(sides[0])} runs), B {names[1]} ({len(sides[1])} runs)"]
    lines[0] = lines[0].replace("(1 runs)", "(1 run)")
    lines.append(f"{found.queries} queries of {found.identities} people, protocol {found.protocol}; points of per cent")
    for figure in ("rank1", "rank5", "mAP", "mINP"):
        a, b = (sum(getattr(run, figure).value for run in side) / len(side) for side in sides)
        gap = found.difference[figure]
        ahead = max(found.better[figure], 1 - found.better[figure])
        verdict = f"{'A' if gap.value > 0 else 'B'} is better" if found.sure(figure) else "no sure difference"
        lines.append(
            f"{figure:>8}  A {100 * a:5.1f}  B {100 * b:5.1f}  A - B {100 * gap.value:+5.1f} "
            f"({100 * gap.low:+.1f} to {100 * gap.high:+.1f})  {verdict} (ahead in {100 * ahead:.0f} % of resamples)"
        )
    return "\n".join(lines)
