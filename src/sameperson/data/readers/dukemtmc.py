"""DukeMTMC-reID (Zheng et al., ICCV 2017) as its users have it; its owners withdrew it.

`0001_c2_f0046182.jpg` is person, camera, frame of that camera.
"""

from __future__ import annotations

from pathlib import Path

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.market1501 import FOLDERS
from sameperson.data.readers.named_files import CAMERA, NameForm, looks_like, named_dataset, root_of

RELEASE = "DukeMTMC-reID"
FORM = NameForm(RELEASE, rf"(?P<pid>\d{{1,9}})_c{CAMERA}_f(?P<frame>\d{{1,9}})", "0001_c2_f0046182.jpg")


def read_dukemtmc(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`, or in the folder of the release inside it."""
    root = root_of(root, FOLDERS, FORM, (RELEASE,))
    return named_dataset("dukemtmc", root, FOLDERS, FORM, "market1501")


LAYOUT = Layout(
    name="dukemtmc",
    title=RELEASE,
    read=read_dukemtmc,
    recognise=lambda path: looks_like(path, FOLDERS, FORM, (RELEASE,)),
    release={"train": Counts(16522, 702), "query": Counts(2228, 702), "gallery": Counts(17661, 1110)},
    cameras=8,
    about="in the release 408 people of the gallery are never asked for; withdrawn by its owners: do not pass it on",
)
