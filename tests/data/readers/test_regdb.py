"""RegDB: people from folders, halves from the lists of one split, which must call everyone by one word."""

from collections import Counter

import pytest

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.data.readers import LAYOUTS, layout_named
from sameperson.data.readers.named_files import ZERO
from sameperson.data.readers.regdb import read_regdb

V, T = "Visible/{0}/male_back_v_0{1}_{0}.bmp", "Thermal/{0}/male_back_t_0{1}_{0}.bmp"
SPLITS = {1: {"train": (17, 0), "test": (285,)}, 2: {"train": (285, 0), "test": (17,)}}


@pytest.fixture
def tree(tmp_path, picture):
    place = tmp_path / "RegDB"
    for pid in (0, 17, 285):
        for number in (1, 2):
            picture(f"RegDB/{V.format(pid, number)}")
            picture(f"RegDB/{T.format(pid, number)}")
    (place / "idx").mkdir()
    for split, parts in SPLITS.items():
        for part, people in parts.items():
            for camera, form in (("visible", V), ("thermal", T)):
                lines = [f"{form.format(pid, k)} {number}\n" for number, pid in enumerate(people) for k in (1, 2)]
                (place / "idx" / f"{part}_{camera}_{split}.txt").write_text("".join(lines))
    return tmp_path


@pytest.mark.parametrize("split", [1, 2])
@pytest.mark.parametrize("inside", ["", "RegDB"])
def test_the_lists_say_who_is_learned_from(tree, split, inside):
    dataset = layout_named(f"regdb-{split}").read(tree / inside, None)
    assert (dataset.name, dataset.protocol, dataset.val) == ("regdb", "regdb_visible_to_thermal", None)
    for samples, part in ((dataset.train, "train"), (dataset.query, "test"), (dataset.gallery, "test")):
        people = [pid or ZERO for pid in SPLITS[split][part]]
        rows = Counter(zip(samples.pid.tolist(), samples.camid.tolist(), strict=True))
        assert rows == {(pid, camid): 2 for pid in people for camid in (0, 1)}
        assert all(samples.file(k).is_file() for k in range(len(samples)))
        for path, pid, camid in zip(samples.path, samples.pid, samples.camid, strict=True):
            assert path.startswith(f"{('Visible', 'Thermal')[camid]}/{pid % ZERO}/")


def test_the_first_split_is_the_usual_one(tree):
    usual, first = LAYOUTS["regdb"].read(tree, None), read_regdb(tree, number=1)
    assert usual.train.path.tolist() == first.train.path.tolist()
    assert usual.query.path.tolist() == usual.gallery.path.tolist()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"{V.format(17, 1)} 1", r"line 2 says person 0 of Visible/17/.* another line calls that person 1"),
        (f"{V.format(0, 1)} 0", r"line 2 says person 0 of Visible/17/.* so is the person of folder 0 called"),
        (f"{T.format(17, 1)} 0", "names 'Thermal/17"),
        (f"{V.format(17, 9)} 0", "male_back_v_09_17.bmp.*no such file"),
        ("Visible/../../secret.bmp 0", "names 'Visible/"),
        ("male_back.bmp", "line 1 is 'male_back.bmp'"),
    ],
)
def test_a_list_that_is_wrong_is_told_with_its_line(tree, line, says):
    file = tree / "RegDB/idx/train_visible_1.txt"
    file.write_text("\n".join([line, *file.read_text().splitlines()[1:]]))
    with pytest.raises(InputError, match=says) as caught:
        read_regdb(tree)
    assert "train_visible_1.txt" in str(caught.value) and "\n" not in str(caught.value)


def test_two_people_of_one_word_are_told_across_the_two_cameras(tree):
    file = tree / "RegDB/idx/train_thermal_1.txt"
    file.write_text(f"{T.format(0, 1)} 0\n")  # the visible pictures' list calls 17 by that
    with pytest.raises(
        InputError, match=r"train_thermal_1.txt: line 1 says person 0 of Thermal/0/.*calls that person 1"
    ):
        read_regdb(tree)


@pytest.mark.parametrize("missing", ["Visible", "Thermal", "idx"])
def test_a_missing_folder_is_named(tree, missing):
    (tree / "RegDB" / missing).rename(tree / "elsewhere")
    with pytest.raises(InputError, match=f"no {missing}"):
        read_regdb(tree)


def test_a_missing_split_is_named(tree):
    with pytest.raises(InputError, match=r"train_visible_3.txt: no such file"):
        read_regdb(tree, number=3)


def test_what_the_doctor_says_to_type_names_the_split(tree_of, capsys):
    root = str(tree_of("regdb").root)
    assert main(["doctor", root, "--reader", "regdb-2"]) == 0
    said = capsys.readouterr().out
    assert f"sameperson evaluate {root} --reader regdb-2 --protocol regdb_visible_to_thermal" in said
    assert main(["doctor", root, "--reader", "regdb-4"]) == 0
    assert "train_visible_4.txt: no such file" in capsys.readouterr().out


def test_the_small_tree_has_two_splits(tree_of):
    tree = tree_of("regdb")
    first, second = (read_regdb(tree.root, number=number) for number in (1, 2))
    for split, rows in tree.counted.items():
        found = Counter(zip(first.splits()[split].pid.tolist(), first.splits()[split].camid.tolist(), strict=True))
        assert found == Counter((row.pid, row.camid) for row in rows)
    assert sorted(first.train.path.tolist()) == sorted(second.query.path.tolist())
    assert sorted(first.query.path.tolist()) == sorted(second.train.path.tolist())
