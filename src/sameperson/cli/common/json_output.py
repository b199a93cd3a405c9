"""`--json FILE`: the figures of a command as one JSON object."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sameperson.checks import atomic, printable


def add_json(parser: argparse.ArgumentParser) -> None:
    """The switch every measuring command has."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as JSON")


def write_json(path: Path | None, figures: Mapping[str, Any]) -> None:
    """Write the figures if the user asked for them."""
    if path is not None:
        with atomic(path) as temporary:
            text = printable(json.dumps(strict(figures), indent=2, ensure_ascii=False))
            temporary.write_text(text + "\n", encoding="utf-8")


def strict(figures: Any) -> Any:
    """The same, with null for what is not a number: JSON has no word for it.

    >>> strict({"rank1": [0.5, float("nan")]})
    {'rank1': [0.5, None]}
    """
    if isinstance(figures, Mapping):
        return {key: strict(value) for key, value in figures.items()}
    if isinstance(figures, (list, tuple)):
        return [strict(value) for value in figures]
    return None if isinstance(figures, float) and not math.isfinite(figures) else figures
