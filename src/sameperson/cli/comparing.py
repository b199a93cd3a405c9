"""How a command line says in what way pictures are compared: the metric, visible parts, expansion, re-ranking.

Shared by `evaluate` and `search`; nothing heavy is imported until the words are wanted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sameperson.checks import InputError

if TYPE_CHECKING:
    from sameperson.evaluate.comparing import Comparing


def add_comparing(parser: argparse.ArgumentParser) -> None:
    """Everything between embeddings and a ranking."""
    group = parser.add_argument_group("comparing")
    group.add_argument(
        "--metric", choices=("cosine", "euclidean"), help="the distance (as the run was trained, or cosine)"
    )
    group.add_argument(
        "--match", choices=("features", "parts"), default="features", help="parts: wholes and visible parts (features)"
    )
    group.add_argument("--wholes", type=int, default=1, metavar="N", help="with --match parts: cut features into N (1)")
    group.add_argument(
        "--rerank",
        nargs="?",
        const="20,6,0.3",
        metavar="K1,K2,WEIGHT",
        help="re-rank by k-reciprocal neighbours (20,6,0.3 if nothing follows)",
    )
    group.add_argument("--expand", metavar="K[,ALPHA]", help="mix the K nearest into a query, weighing cosine ** ALPHA")
    group.add_argument("--augment", type=int, default=0, metavar="K", help="mix the K nearest into each gallery row")


def comparing_of(args: argparse.Namespace, metric: str = "cosine") -> Comparing:
    """What the options say; `metric` where they name none. Raises InputError for what means nothing."""
    import torch

    from sameperson.evaluate.comparing import Comparing, Rerank
    from sameperson.evaluate.expansion import Expansion

    rerank = expansion = None
    if args.rerank is not None:
        k1, k2, weight = numbers("--rerank", args.rerank, (int, int, float), 3, "K1,K2,WEIGHT such as 20,6,0.3")
        rerank = Rerank(k1, k2, weight)
    if args.expand is not None or args.augment:
        k, alpha = 0, 0.0
        if args.expand is not None:
            k, *more = numbers("--expand", args.expand, (int, float), 1, "K or K,ALPHA such as 5,3")
            alpha = more[0] if more else 0.0
        expansion = Expansion(k, alpha, args.augment)
    if args.wholes != 1 and args.match != "parts":
        raise InputError(f"--wholes {args.wholes}", "--match parts, which it is about", "add --match parts")
    return Comparing(
        metric=args.metric or metric,
        match=args.match,
        wholes=args.wholes,
        expansion=expansion,
        rerank=rerank,
        device=str(torch.accelerator.current_accelerator(check_available=True) or "cpu"),
    )


def numbers(option: str, text: str, kinds: tuple[Callable[[str], Any], ...], least: int, wanted: str) -> list[Any]:
    """Numbers with commas between them, at least so many."""
    words = text.split(",")
    try:
        if not least <= len(words) <= len(kinds):
            raise ValueError(text)
        return [kind(word) for kind, word in zip(kinds, words, strict=False)]
    except ValueError as error:
        raise InputError(f"{option} {text}", wanted, f"correct {option}") from error
