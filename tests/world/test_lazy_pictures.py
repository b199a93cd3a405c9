"""Pictures drawn when asked for are the very pixels of the tree, whoever asks for them and in which order."""

import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from torch.utils.data import DataLoader

from sameperson.checks import InputError
from sameperson.config import Data, Recipe, Sampler
from sameperson.data.loading import eval_loader, train_loader
from sameperson.data.readers import read_dataset
from sameperson.images.decode import read_picture
from sameperson.types import Samples
from sameperson.world.dataset import make_world
from sameperson.world.lazy_pictures import LivePictures
from sameperson.world.plan import WorldPlan

SMALL = WorldPlan(people=4, test_people=2, cameras=2, shots=2, seed=3, size=(64, 32), labels=())
PLANS = {
    "plain": SMALL,
    "occluded": replace(SMALL, condition="occluded", shots=3),
    "clothes-abc": replace(SMALL, condition="clothes-abc", cameras=3, outfits=2, shots=1),
    "dance": replace(SMALL, condition="dance", shots=4, group=2),
    "mixed": replace(SMALL, condition="mixed", cameras=40, seen_in=3, shots=1),
}


@pytest.fixture(scope="module", params=PLANS)
def made(request, tmp_path_factory):
    """A plan, and its tree as the reader of trees reads it."""
    plan = PLANS[request.param]
    out = tmp_path_factory.mktemp("live") / request.param
    make_world(out, plan)
    return plan, read_dataset(Data(root=out))


def test_the_samples_are_the_trees(made):
    plan, tree = made
    for split in ("train", "query", "gallery"):
        live, there = LivePictures(plan, split).samples, getattr(tree, split)
        for column in Samples.COLUMNS:
            assert getattr(live, column).tolist() == getattr(there, column).tolist(), column
            assert getattr(live, column).dtype == getattr(there, column).dtype


def test_the_pixels_are_the_trees_in_any_order(made):
    plan, tree = made
    for split in ("train", "query", "gallery"):
        live, there = LivePictures(plan, split), getattr(tree, split)
        order = np.random.default_rng(0).permutation(len(live)).tolist()
        for row in (*order, order[0]):  # one of them twice
            np.testing.assert_array_equal(live[row], read_picture(there.file(row)))
        for row, picture in zip(order, live.__getitems__(order), strict=True):
            np.testing.assert_array_equal(picture, read_picture(there.file(row)))


def test_threads_do_not_disturb_each_other(made):
    plan, tree = made
    live = LivePictures(plan, "train")
    rows = list(range(len(live))) * 2
    with ThreadPoolExecutor(4) as pool:
        for row, picture in zip(rows, pool.map(live.__getitem__, rows), strict=True):
            np.testing.assert_array_equal(picture, read_picture(tree.train.file(row)))


def test_loaders_give_the_same_batches(made, tmp_path):
    plan, tree = made
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan.as_json()))
    recipe = Recipe(data=Data(reader="live", root=file, size=(64, 32)), sampler=Sampler(people=2, pictures=2))
    live = read_dataset(recipe.data)
    pairs = zip(train_loader(live.train, recipe, epoch=1), train_loader(tree.train, recipe, epoch=1), strict=True)
    for one, other in pairs:
        assert one.images.equal(other.images)
        assert one.pids.equal(other.pids) and one.clothes.equal(other.clothes)
    parts = [
        eval_loader(samples, (64, 32), batch=3, workers=2, skip_broken=False)
        for samples in (live.gallery, tree.gallery)
    ]
    assert all(one.images.equal(other.images) for one, other in zip(*parts, strict=True))


def test_worker_processes_give_the_same(tmp_path):
    make_world(tmp_path / "tree", SMALL)
    tree, live = read_dataset(Data(root=tmp_path / "tree")).train, LivePictures(SMALL)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sameperson.world.lazy_pictures"])
    order = [3, 0, 7, 1, 6, 2, 5, 4]
    loader = DataLoader(live, batch_size=3, sampler=order, num_workers=2, multiprocessing_context=context)
    drawn = np.concatenate([batch.numpy() for batch in loader])
    for row, picture in zip(order, drawn, strict=True):
        np.testing.assert_array_equal(picture, read_picture(tree.file(row)))


@pytest.mark.parametrize("path", ["query/0001_c1s1_000001_00.jpg", "train/0009_c1s1_000001_00.jpg", "me.jpg"])
def test_a_picture_that_is_not_in_the_plan(path):
    source = LivePictures(SMALL).samples.source
    assert source is not None
    with pytest.raises(InputError, match="no picture of this plan"):
        source(path)


def test_a_split_that_is_none():
    with pytest.raises(InputError, match="did you mean query"):
        LivePictures(SMALL, "querry")
