"""The same trees read by torchreid's own readers: who is where in which split is the same."""

import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from sameperson.data.readers import LAYOUTS, layout_named

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]
SPLITS = ("train", "query", "gallery")


@pytest.fixture(scope="module")
def peer():
    """torchreid's readers."""
    return pytest.importorskip(
        "torchreid.reid.data.datasets.image", reason="torchreid is not installed (requirements/peer.in)"
    )


def theirs(rows):
    """File -> pid and camid."""
    found = {str(Path(row[0]).resolve()): (int(row[1]), int(row[2])) for row in rows}
    assert len(found) == len(rows)
    return found


def ours(samples):
    labels = zip(samples.pid.tolist(), samples.camid.tolist(), strict=True)
    return {str(samples.file(k).resolve()): label for k, label in enumerate(labels)}


def assert_relabelled(found, expected):
    """The same files and cameras, and pids that differ by a one-to-one renaming alone."""
    assert found.keys() == expected.keys()
    assert {file: camid for file, (_, camid) in found.items()} == {file: camid for file, (_, camid) in expected.items()}
    pairs = {(found[file][0], expected[file][0]) for file in found}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@pytest.mark.parametrize(
    ("name", "reader", "place"),
    [("market1501", "Market1501", "market1501/Market-1501-v15.09.15"),
     ("dukemtmc", "DukeMTMCreID", "dukemtmc-reid/DukeMTMC-reID")],
)  # fmt: skip
def test_market_and_duke(peer, tree_of, tmp_path, name, reader, place):
    (tmp_path / place).parent.mkdir()
    (tmp_path / place).symlink_to(tree_of(name).root)
    read = getattr(peer, reader)(root=str(tmp_path), verbose=False)
    dataset = LAYOUTS[name].read((tmp_path / place).parent, None)
    assert dataset.train.people == read.num_train_pids
    assert_relabelled(theirs(read.train), ours(dataset.train))
    assert theirs(read.query) == ours(dataset.query)
    gallery = dataset.gallery.take(dataset.gallery.pid != -1)  # they drop junk while reading, we while scoring
    assert theirs(read.gallery) == ours(gallery)
    junk = len(dataset.gallery) - len(gallery)
    assert bool(junk) == (name == "market1501")


def test_msmt17(peer, tree_of, tmp_path):
    root = tmp_path / "msmt17"
    root.symlink_to(tree_of("msmt17").root)
    read = peer.MSMT17(root=str(tmp_path), verbose=False)
    held = read.process_dir(read.train_dir, read.list_val_path)  # which they add to train only with all else
    dataset = LAYOUTS["msmt17"].read(root, None)
    expected = ours(dataset.train)
    found = theirs(read.train + [(*row, 0) for row in held])
    assert found == {file: (pid - 10_000, camid) for file, (pid, camid) in expected.items()}
    for split in ("query", "gallery"):
        expected = ours(dataset.splits()[split])
        assert theirs(getattr(read, split)) == {file: (p - 20_000, camid) for file, (p, camid) in expected.items()}


@pytest.mark.parametrize("boxes", ["labeled", "detected"])
def test_cuhk03(peer, tree_of, tmp_path, monkeypatch, boxes):
    """They cut CUHK03 out of its MATLAB files, so these are made of the small tree; pictures are told by pixels."""
    root = tree_of("cuhk03-labeled").root
    as_released(root, tmp_path / "cuhk03")
    monkeypatch.setitem(
        sys.modules, "imageio", SimpleNamespace(imwrite=lambda to, image: Image.fromarray(image).save(to))
    )
    read = peer.CUHK03(root=str(tmp_path), cuhk03_labeled=boxes == "labeled", verbose=False)
    dataset = LAYOUTS[f"cuhk03-{boxes}"].read(root, None)
    for split in SPLITS:
        found = {pixels(row[0]): (row[1], row[2]) for row in getattr(read, split)}
        samples = dataset.splits()[split]
        labels = zip(samples.pid.tolist(), samples.camid.tolist(), strict=True)
        expected = {pixels(samples.file(k)): label for k, label in enumerate(labels)}
        assert len(found) == len(getattr(read, split)) == len(samples) > 3
        if split == "train":
            assert_relabelled(found, expected)
        else:
            assert found == expected
    assert read.num_train_pids == dataset.train.people


def pixels(file):
    with Image.open(file) as picture:
        return picture.size, picture.tobytes()


def as_released(tree: Path, out: Path) -> None:
    """The pictures of a CUHK03-NP tree as `cuhk-03.mat`, person by person, and the new protocol's two tables."""
    h5py, io = pytest.importorskip("h5py"), pytest.importorskip("scipy.io")
    (out / "cuhk03_release").mkdir(parents=True)
    folders = {"train": "bounding_box_train", "query": "query", "gallery": "bounding_box_test"}
    with h5py.File(out / "cuhk03_release" / "cuhk-03.mat", "w") as file:

        def stored(array):
            return file.create_dataset(f"d{len(file)}", data=np.asarray(array).T).ref

        refs = h5py.special_dtype(ref=h5py.Reference)
        file["testsets"] = np.array([[stored([[1, 3], [1, 4]])]], refs)
        for boxes in ("labeled", "detected"):
            table = {"filelist": [], "labels": [], "train_idx": [], "query_idx": [], "gallery_idx": []}
            slots = np.empty((4, 10), refs)
            slots[:] = [[stored([0, 0])] * 10] * 4
            used = Counter()
            for split, folder in folders.items():
                for picture in sorted((tree / boxes / folder).iterdir()):
                    pid, view = int(picture.name[:4]), int(picture.name[6])
                    slot = 5 * (view - 1) + used[pid, view]
                    used[pid, view] += 1
                    with Image.open(picture) as image:
                        slots[pid - 1, slot] = stored(image)
                    table["filelist"].append(f"1_{pid:03d}_{view}_{slot + 1:02d}.png")
                    table["labels"].append(pid)
                    table[f"{split}_idx"].append(len(table["labels"]))
            file[boxes] = np.array([[stored_refs(file, slots, refs)]], refs)
            table["filelist"] = np.array(table["filelist"], object)
            io.savemat(out / f"cuhk03_new_protocol_config_{boxes}.mat", table)


def stored_refs(file, slots, refs):
    return file.create_dataset(f"d{len(file)}", data=slots.T, dtype=refs).ref


def test_viper(peer, tree_of, tmp_path):
    """Their draws are without a seed and written down beside the pictures, where ours reads them."""
    root = tmp_path / "viper"
    root.mkdir()
    (root / "VIPeR").symlink_to(tree_of("viper").root)
    drawn = LAYOUTS["viper"].read(root, None)  # before they write theirs
    for split in range(20):
        read = peer.VIPeR(root=str(tmp_path), split_id=split, verbose=False)
        dataset = layout_named(f"viper-{split // 2 + 1}").read(root, None)
        assert_relabelled(theirs(read.train), ours(dataset.train))
        for rows, camera in ((read.query, split % 2), (read.gallery, 1 - split % 2)):
            assert_relabelled(theirs(rows), ours(dataset.query.take(dataset.query.camid == camera)))
        for one, other in ((drawn.train, dataset.train), (drawn.query, dataset.query)):
            assert (len(one), one.people) == (len(other), other.people)
        assert read.num_train_pids == drawn.train.people
