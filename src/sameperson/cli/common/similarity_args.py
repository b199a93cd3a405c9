"""Options that say how pictures are compared: the metric, visible parts, expansion, re-ranking.

Shared by `evaluate` and `search`; nothing heavy is imported until the words are wanted.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sameperson.checks import MOST, InputError
from sameperson.cli.common.number_args import from_zero, positive

if TYPE_CHECKING:
    from sameperson.evaluation.network import Network
    from sameperson.evaluation.similarity import Similarity


def add_similarity(parser: argparse.ArgumentParser) -> None:
    """Everything between embeddings and a ranking."""
    group = parser.add_argument_group("comparing")
    group.add_argument(
        "--metric", choices=("cosine", "euclidean"), help="the distance (as the run was trained, or cosine)"
    )
    group.add_argument(
        "--match", choices=("features", "parts"), help="parts: wholes and visible parts (else what the method is for)"
    )
    group.add_argument("--wholes", type=positive, metavar="N", help="with parts: cut features into N, compared apart")
    group.add_argument(
        "--rerank",
        nargs="?",
        const="20,6,0.3",
        metavar="K1,K2,WEIGHT",
        help="re-rank by k-reciprocal neighbours (20,6,0.3 if nothing follows)",
    )
    group.add_argument("--expand", metavar="K[,ALPHA]", help="mix the K nearest into a query, weighing cosine ** ALPHA")
    group.add_argument(
        "--augment", type=from_zero, default=0, metavar="K", help="mix the K nearest into each gallery row"
    )


def similarity_of(args: argparse.Namespace, network: Network | None, *, parts: bool = True) -> Similarity:
    """What the options say, and else the network's own habits: the metric of its recipe, its method's parts.

    network: None for features of no known network. parts: whether there are parts to compare, as there are not in a
    file of embeddings.

    Raises InputError for what means nothing.
    """
    import torch

    from sameperson.evaluation.expansion import Expansion
    from sameperson.evaluation.similarity import Rerank, Similarity

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
    method = getattr(network, "method", None)
    whole = not parts or rerank is not None or expansion is not None or args.metric == "euclidean"
    match: Any = args.match or ("features" if whole else getattr(method, "match", "features"))
    if args.wholes is not None and match != "parts":
        raise InputError(f"--wholes {args.wholes}", "--match parts, which it is about", "add --match parts")
    return Similarity(
        metric=args.metric or habits_of(network).get("metric", "cosine"),
        match=match,
        wholes=getattr(method, "wholes", 1) if args.wholes is None else args.wholes,
        expansion=expansion,
        rerank=rerank,
        device=str(torch.accelerator.current_accelerator(check_available=True) or "cpu"),
    )


def habits_of(network: Network | None) -> Mapping[str, Any]:
    """How the recipe of our own weights has them judged; empty for a network of the user's."""
    card = getattr(network, "card", None)
    return {} if card is None else card.recipe.get("evaluate", {})


def numbers(option: str, text: str, kinds: tuple[Callable[[str], Any], ...], least: int, wanted: str) -> list[Any]:
    """Numbers with commas between them, at least so many."""
    words = text.split(",")
    try:
        if not least <= len(words) <= len(kinds):
            raise ValueError(text)
        found = [kind(word) for kind, word in zip(kinds, words, strict=False)]
        if not all(math.isfinite(value) and abs(value) <= MOST for value in found):
            raise ValueError(text)
        return found
    except ValueError as error:
        raise InputError(f"{option} {text}", wanted, f"correct {option}") from error
