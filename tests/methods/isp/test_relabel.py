"""Labels made person by person: what each gets, whatever the number of processes, and who keeps what when it stops."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from sameperson.checks import InputError
from sameperson.methods.isp.clustering import cluster_identity
from sameperson.methods.isp.relabel import FILE, Clusters
from sameperson.methods.method import Run
from sameperson.types import Samples

GRID = (12, 6)
CLUSTERS = Clusters(3, GRID)
PIDS = [4, 2, 4, -1, 2, 9, 4, 0]
"""Someone with three pictures, two, one; junk and a distractor, who are no one."""


def pictures(seed: int = 0) -> torch.Tensor:
    """Maps (8, 5, 12, 6): a dark background around three bands of their own directions."""
    draw = torch.Generator().manual_seed(seed)
    maps = 0.02 * torch.rand(len(PIDS), 5, *GRID, generator=draw)
    for band, rows in enumerate((slice(1, 4), slice(4, 8), slice(8, 11))):
        maps[:, band, rows, 1:5] += 1 + 0.1 * torch.rand(len(PIDS), rows.stop - rows.start, 4, generator=draw)
    return maps


def run_of(folder, maps: torch.Tensor, **over) -> Run:
    samples = Samples.of([f"{n}.jpg" for n in range(len(PIDS))], PIDS)
    seen: list[list[int]] = []

    def given(plan):
        for rows in plan:
            seen.append(rows.tolist())
            yield maps[torch.from_numpy(rows)]

    plain = {"epoch": 0, "seed": 3, "device": "cpu", "resumed": False, "labels": {}}
    return Run(folder=folder, samples=samples, pictures=given, **(plain | over))


def test_each_person_is_clustered_by_all_of_their_pictures(tmp_path):
    labels = CLUSTERS.recluster(lambda images: images, run_of(tmp_path, pictures()))
    wanted = np.zeros(GRID, np.uint8)
    wanted[1:4, 1:5], wanted[4:8, 1:5], wanted[8:11, 1:5] = 1, 2, 3
    for row in (0, 1, 2, 4, 5, 6):
        assert np.array_equal(labels.read(row), wanted)
    for row in (3, 7):  # no one to learn from: as before the first clustering
        assert np.array_equal(labels.read(row), CLUSTERS.stripes(run_of(tmp_path, pictures())).read(row))
    assert labels.epoch == 0 and labels.array.shape == (8, *GRID)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_many_pictures_pass_in_blocks_and_are_clustered_together(tmp_path, monkeypatch):
    monkeypatch.setattr("sameperson.methods.isp.relabel.AT_ONCE", 2)
    sizes = []

    def maps(images):
        sizes.append(len(images))
        return images

    some = pictures()
    some[6] *= 3  # alone in its block: its own scale, the same directions
    labels = CLUSTERS.recluster(maps, run_of(tmp_path, some))
    assert sizes == [2, 2, 1, 1]  # of 2, of 4, of 9
    together = cluster_identity(some[[0, 2, 6]].half(), 3, True, torch.Generator().manual_seed(0))
    assert np.array_equal(labels.array[[0, 2, 6]], together.numpy())


def test_processes_that_share_the_people_make_what_one_makes(tmp_path):
    # Without clusters each draw ends elsewhere, so that one by the process's number would show.
    noisy = torch.rand(8, 5, *GRID, generator=torch.Generator().manual_seed(1))
    alone = CLUSTERS.recluster(lambda images: images, run_of(tmp_path / "one", noisy))
    for world in (2, 5):  # more than there are people
        folder, barrier = tmp_path / str(world), threading.Barrier(world)
        found = {}

        def share(rank: int, folder=folder, barrier=barrier, world=world, found=found) -> None:
            run = run_of(folder, noisy, rank=rank, world_size=world, barrier=barrier.wait)
            found[rank] = CLUSTERS.recluster(lambda images: images, run)

        threads = [threading.Thread(target=share, args=(rank,)) for rank in range(world)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for rank in range(world):
            assert np.array_equal(found[rank].array, alone.array)
        assert (folder / FILE).read_bytes() == (tmp_path / "one" / FILE).read_bytes()


def test_the_draw_is_of_the_seed_the_epoch_and_the_person(tmp_path):
    blurred = torch.rand(
        8, 5, *GRID, generator=torch.Generator().manual_seed(1)
    )  # no clusters: each start ends elsewhere

    def labels(**over):
        return CLUSTERS.recluster(lambda images: images, run_of(tmp_path, blurred, **over)).array.copy()

    assert np.array_equal(labels(), labels())
    assert not np.array_equal(labels(), labels(seed=4)) and not np.array_equal(labels(), labels(epoch=2))


def test_a_stop_in_the_middle_leaves_the_old_labels_whole(tmp_path):
    old = CLUSTERS.recluster(lambda images: images, run_of(tmp_path, pictures()))
    before = (tmp_path / FILE).read_bytes()

    def stopped(images):
        if len(images) == 3:  # the second person's
            raise KeyboardInterrupt
        return images.flip(2)

    with pytest.raises(KeyboardInterrupt):
        CLUSTERS.recluster(stopped, run_of(tmp_path, pictures(), epoch=2))
    assert (tmp_path / FILE).read_bytes() == before
    assert np.array_equal(CLUSTERS.last(run_of(tmp_path, pictures()), 0).array, old.array)
    new = CLUSTERS.recluster(lambda images: images.flip(2), run_of(tmp_path, pictures(), epoch=2))
    assert new.epoch == 2 and [path.name for path in tmp_path.iterdir()] == [FILE]


def test_labels_of_another_epoch_or_of_none_are_refused(tmp_path):
    run = run_of(tmp_path, pictures())
    with pytest.raises(InputError, match="part labels"):
        CLUSTERS.last(run, 0)
    CLUSTERS.recluster(lambda images: images, run)
    with pytest.raises(InputError, match="epoch 1; expected those that the run found at epoch 3"):
        CLUSTERS.last(run, 2)
    with pytest.raises(InputError, match="grid"):
        replace(CLUSTERS, grid=(6, 6)).last(run, 0)
