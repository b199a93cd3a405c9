"""The tree that ISP (Zhu et al., ECCV 2020) trains on: Market-1501's form, with parsing maps beside the pictures.

`bounding_box_train_parsing_pgt/0002_c1s1_000451_03.png` holds a parser's LIP label of each pixel of the training
picture of that name. ISP measures its own parts against it and never learns from it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sameperson.checks import existing_folder
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.listed import warn_missing
from sameperson.data.readers.market1501 import FOLDERS, FORM, RELEASE, read_market1501
from sameperson.data.readers.named_files import looks_like

PGT = "bounding_box_train_parsing_pgt"


def read_isp(root: Path, pattern: str | None = None) -> Dataset:
    """Read the dataset in `root`, with the PGT folder's parsing maps of its training pictures.

    A warning counts the pictures without a map. Raises InputError where the PGT folder is missing.
    """
    dataset = read_market1501(root, pattern)
    train = dataset.train
    pgt = existing_folder(train.root / PGT, "a PNG of LIP labels for each training picture")
    warn_missing(train, pgt, "parsing")
    train = replace(train, priors={**train.priors, "parsing": pgt})
    return Dataset("isp", train, dataset.query, dataset.gallery)


LAYOUT = Layout(
    name="isp",
    title="a tree for ISP",
    read=read_isp,
    recognise=lambda path: any(
        (place / PGT).is_dir() and looks_like(place, FOLDERS, FORM) for place in (path, path / RELEASE)
    ),
    priors=("parsing",),
    about="Market-1501's form with a parser's LIP labels of the training pictures, to measure by and not to learn from",
)
