"""FGPR (Yin, Wu and Zheng, IJCV 2020): people in similar clothes, whom only fine details tell apart.

How its release lies on disk is not documented, so it is read from lists: `image_path pid camid` in train.txt,
query.txt and gallery.txt, in a folder called after it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sameperson.checks import existing_folder
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.list_file import LAYOUT as LISTS
from sameperson.data.readers.lists_3dsl import read_checked_list


def read_fgpr(root: Path, pattern: str | None = None) -> Dataset:
    """Read the dataset that the lists in `root` name; raises InputError as `lists_3dsl.read_checked_list` does."""
    root = existing_folder(root, "a folder with train.txt, query.txt and gallery.txt")
    return replace(read_checked_list(root, pattern), name="fgpr")


LAYOUT = Layout(
    name="fgpr",
    title="FGPR, through lists",
    read=read_fgpr,
    recognise=lambda path: path.is_dir() and "fgpr" in path.name.lower() and LISTS.recognise(path),
    protocols=("market1501", "camera_blind"),
    about="read through lists that you write, since its layout and its split are not documented; people dress alike",
)
