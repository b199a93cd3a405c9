"""`prepare` killed at any moment and typed again, and two of them at once."""

import pytest

from sameperson.checks import InputError
from sameperson.data.prepare.dancereid import TreeOptions, prepare
from sameperson.locks import locked

MANY = pytest.param({"count": 40, "last": 20}, marks=pytest.mark.slow)


@pytest.mark.parametrize("moments", [{"count": 2, "last": 3}, MANY])
def test_a_tree_killed_and_typed_again(dances, kill, files_of, moments):
    root = dances.root
    given = ["-i", root / "videos", "-n", root / "npy", "-a", root / "annotation.json", "--split", root / "splits.json"]
    words = ["prepare", "dancereid", *given, "-o", "{root}/tree", "-d", "5", "-gs", "-h5"]
    whole, killed = kill(words, ["sameperson.data.prepare.dancereid", "h5py", "av"], **moments)
    assert len(files_of(whole)) > 40
    for one in killed:
        assert files_of(one) == files_of(whole)


def test_a_tree_that_another_run_makes_is_left_to_it(dances, tmp_path, in_another_thread):
    out = tmp_path / "tree"
    with in_another_thread(locked(out)), pytest.raises(InputError, match="has been writing there since"):
        prepare(out, dances.sources, dances.split, TreeOptions())
    assert not list(tmp_path.iterdir())
