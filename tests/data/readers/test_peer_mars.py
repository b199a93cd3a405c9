"""The small tree of MARS read by torchreid's own reader: the same tracklets of the same people."""

import numpy as np
import pytest

from sameperson.data.readers.mars import read_mars

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]


def ours(samples):
    """Pictures of a tracklet -> person and camera."""
    found = {}
    for track in np.unique(samples.track_id):
        rows = np.flatnonzero(samples.track_id == track)
        who = {(int(samples.pid[k]), int(samples.camid[k])) for k in rows}
        assert len(who) == 1
        found[tuple(str(samples.file(k).resolve()) for k in rows)] = who.pop()
    return found


def theirs(tracklets, root):
    return {
        tuple(path.replace(str(root / "mars"), str((root / "mars").resolve())) for path in row[0]): (row[1], row[2])
        for row in tracklets
    }


def test_tracklets_are_torchreids(tree_of, tmp_path):
    video = pytest.importorskip("torchreid.reid.data.datasets.video", reason="torchreid is not installed")
    (tmp_path / "mars").symlink_to(tree_of("mars").root)
    read = video.Mars(root=str(tmp_path), verbose=False, transform=str)
    dataset = read_mars(tmp_path / "mars")
    learned, known = theirs(read.train, tmp_path), ours(dataset.train)
    assert {pictures: camera for pictures, (_, camera) in learned.items()} == {
        pictures: camera for pictures, (_, camera) in known.items()
    }
    names = {(learned[pictures][0], known[pictures][0]) for pictures in known}  # they number people anew
    assert len(names) == read.num_train_pids == dataset.train.people
    queries, gallery = theirs(read.query, tmp_path), ours(dataset.gallery)
    assert ours(dataset.query) == queries
    # they leave the queries and the junk out of the gallery; the official evaluation and we keep both
    junk = {pictures: who for pictures, who in gallery.items() if who[0] == -1}
    assert theirs(read.gallery, tmp_path) | queries | junk == gallery
    assert junk
