"""Adds a subcommand to a parser: its help, its description and its example, laid out alike everywhere."""

from __future__ import annotations

import argparse
from typing import Any


def add_subcommand(
    jobs: argparse._SubParsersAction[Any], name: str, short: str, description: str, example: str
) -> argparse.ArgumentParser:
    """The parser of a new subcommand. short: its line in the list of subcommands."""
    return jobs.add_parser(
        name,
        help=short,
        description=description,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
