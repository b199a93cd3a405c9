"""RegDB (Nguyen et al., Sensors 2017): people seen by a visible-light and by a thermal camera side by side.

    RegDB/Visible/285/male_back_v_05528_285.bmp    person: camera 1, camid 0
    RegDB/Thermal/285/male_back_t_05527_285.bmp    camera 2, camid 1
    RegDB/idx/train_visible_1.txt                  `Visible/285/male_back_v_05528_285.bmp 0` on each line

Half of the people are learned from and half are tested on, ten times over: four lists each, {train, test} x {visible,
thermal}. Reader `regdb` takes the first, `regdb-2` to `regdb-10` the others. A person is the number of the folder; the
lists number the people of either half anew from 0, which must agree with the folders. All test pictures are query and
gallery; the protocol says which camera asks.
"""

from __future__ import annotations

from pathlib import Path

from sameperson.checks import InputError
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.listed import require_pictures
from sameperson.data.readers.name_lists import line_with, listed_names, require_names
from sameperson.data.readers.named_files import (
    ZERO,
    NameForm,
    looks_like,
    read_names,
    renamed_people,
    root_of,
    sample_columns,
)
from sameperson.priors.locations import find_priors
from sameperson.types import Samples

RELEASE = "RegDB"
LISTS = "idx"
CAMERAS = ("Visible", "Thermal")
FOLDERS = (*CAMERAS, LISTS)
LINE = "`Visible/285/male_back_v_05528_285.bmp 0` on each line"
FORMS = {
    camera: NameForm(RELEASE, rf"{camera}/(?P<pid>\d{{1,6}})/[^/]+", f"{camera}/285/{name}", below=True, zero=True)
    for camera, name in zip(CAMERAS, ("male_back_v_05528_285.bmp", "male_back_t_05527_285.bmp"), strict=True)
}
INSIDE = NameForm(RELEASE, r"\d{1,6}/[^/]+", "285/male_back_v_05528_285.bmp", below=True, zero=True)
"""Of a picture's path below the folder of its camera."""


def read_regdb(root: Path, pattern: str | None = None, *, number: int = 1) -> Dataset:  # noqa: ARG001 - see readers
    """The dataset in `root`, or in the folder of the release inside it, by one of ten splits (from 1).

    Raises InputError for a missing folder or list, a listed picture that is not there, and a list whose people are not
    those of the folders.
    """
    root = root_of(root, FOLDERS, INSIDE, (RELEASE,))
    train, test = (_read(root, part, number) for part in ("train", "test"))
    return Dataset("regdb", train, test, test, "regdb_visible_to_thermal")


def _read(root: Path, part: str, number: int) -> Samples:
    names: list[str] = []
    pids: list[int] = []
    camid: list[int] = []
    given: dict[int, str] = {}
    for camera in CAMERAS:
        form, source = FORMS[camera], root / LISTS / f"{part}_{camera.lower()}_{number}.txt"
        paths, words = listed_names(source, 2, LINE)
        require_names(paths, form, source)
        require_pictures(root, paths, source)
        people = sample_columns(read_names(paths, form, root), form)["pid"].tolist()
        require_renaming(source, paths, people, words, given)
        names += paths
        pids += people
        camid += [CAMERAS.index(camera)] * len(paths)
    return Samples.of(names, pids, camid, root=root, priors=find_priors(root), names=renamed_people(INSIDE))


def require_renaming(
    source: Path, paths: list[str], people: list[int], words: list[str], given: dict[int, str]
) -> None:
    """InputError unless the lists of one half call each person, as the folders have them, by one word of its own.

    given: what the lists read before call whom; added to.
    """
    called = {word: pid for pid, word in given.items()}
    for path, pid, word in zip(paths, people, words, strict=True):
        before, other = given.setdefault(pid, word), called.setdefault(word, pid)
        if before != word:
            but = f"another line calls that person {before}"
        elif other != pid:
            but = f"so is the person of folder {other % ZERO} called"
        else:
            continue
        found = f"{source}: line {line_with(source, path)} says person {word} of {path}, but {but}"
        then = "the list is shuffled: take the release's own, or write it anew"
        raise InputError(found, "one number for each folder, in the lists of both cameras", then)


LAYOUT = Layout(
    name="regdb",
    title=RELEASE,
    read=read_regdb,
    recognise=lambda path: looks_like(path, FOLDERS, INSIDE, (RELEASE,)),
    release={"train": Counts(4120, 206), "query": Counts(4120, 206), "gallery": Counts(4120, 206)},
    cameras=2,
    protocols=("regdb_visible_to_thermal", "regdb_thermal_to_visible"),
    about="camera 1 sees visible light, camera 2 is thermal; half of the people, ten times: regdb is the first split, "
    "regdb-2 to regdb-10 the others; query and gallery are all test pictures, and the protocol says which camera asks",
)
