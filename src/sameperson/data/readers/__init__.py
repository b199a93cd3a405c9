"""One dataset layout, one file: a folder, list or table on disk becomes a `Dataset`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sameperson.checks import choose
from sameperson.config import Data
from sameperson.data.dataset import Dataset
from sameperson.data.readers.csv_table import read_csv
from sameperson.data.readers.folder import read_folder
from sameperson.data.readers.list_file import read_list
from sameperson.data.readers.live import read_live
from sameperson.data.readers.market1501 import read_market1501

READERS: dict[str, Callable[[Path, str | None], Dataset]] = {
    "market1501": read_market1501,
    "folder": read_folder,
    "csv": read_csv,
    "list": read_list,
    "live": read_live,
}


def read_dataset(data: Data) -> Dataset:
    """The dataset that a recipe names."""
    return choose("reader", data.reader, READERS)(data.root, data.pattern)
