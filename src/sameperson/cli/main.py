"""The command line: finds the command, turns an `InputError` into one line and exit code 2.

Command modules import nothing heavy at their top, so `--help` answers without torch.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from types import ModuleType

from sameperson import __version__
from sameperson.checks import UNUSABLE, InputError, nearest
from sameperson.cli.common.path_options import require_paths
from sameperson.cli.common.subcommand import add_subcommand
from sameperson.data.command_options import respelled

COMMANDS = (
    "demo",
    "world",
    "prepare",
    "priors",
    "parse",
    "doctor",
    "train",
    "recipes",
    "models",
    "evaluate",
    "cross",
    "embed",
    "compare",
    "search",
    "report",
)

DESCRIPTION = "Find a person again: across cameras, days, poses, occlusions and changes of clothes."
CLOSING = "Start with `sameperson demo`. It must not decide about people on its own: read docs/people.md."


def command(name: str) -> ModuleType:
    """The module of a command."""
    return importlib.import_module(f"sameperson.cli.{name}")


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Raise instead of printing the whole usage."""
        raise InputError(message, f"arguments of {self.prog}", f"see {self.prog} --help")


def parser(names: Sequence[str] = COMMANDS) -> Parser:
    """The whole command line."""
    top = Parser(prog="sameperson", description=DESCRIPTION, epilog=CLOSING)
    top.add_argument("--version", action="version", version=f"sameperson {__version__}")
    jobs = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name in names:
        module = command(name)
        sub = add_subcommand(jobs, name, module.HELP, module.HELP, module.EXAMPLE)
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return top


def parsed(top: Parser, words: Sequence[str]) -> argparse.Namespace:
    """The options. Words that only a recipe knows, such as `--train.epochs 60`, join its overrides in their order.

    `options.words` holds all that was typed.
    """
    options, rest = top.parse_known_args(words)
    if rest and not hasattr(options, "overrides"):
        jobs = (getattr(options, key, None) for key in ("job", "dataset"))
        name = " ".join(["sameperson", options.command, *filter(None, jobs)])
        raise InputError(f"unrecognized arguments: {' '.join(rest)}", f"arguments of {name}", f"see {name} --help")
    if rest:
        options.overrides = [*options.overrides, *rest]
    require_paths(options)
    options.words = words
    return options


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 2 bad input; a fault of ours is a traceback and 1."""
    words = sys.argv[1:] if words is None else list(words)
    # Threads that wait should soon sleep: where cores are shared, spinning ones triple the time of a training step.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    for stream in (sys.stdout, sys.stderr):  # a file's name may hold bytes that no terminal shows
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options: argparse.Namespace | None = None
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)
    try:
        named = next((word for word in words if not word.startswith("-")), None)
        if named is not None and named not in COMMANDS:
            raise InputError(f"unknown command {named}", "a command", nearest(named, COMMANDS))
        top = parser((named,) if named and words[0] == named else COMMANDS)
        options = parsed(top, words)
        if options.command is None:
            top.print_help()
            return 0
        return options.run(options)
    except InputError as error:
        if options is not None:  # readers speak of a recipe's keys
            error = InputError(error.found, error.expected, respelled(error.then, vars(options)))
        print(f"sameperson: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            return 0
        if error.errno not in UNUSABLE or error.filename is None:
            raise
        fault = InputError(f"{error.filename}: {error.strerror}", "a path that can be used", "check the path")
        print(f"sameperson: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("sameperson: stopped", file=sys.stderr)
        return 130
