"""Agreement of label maps against loops over pixels, and against tables written out by hand."""

import numpy as np
import pytest
from PIL import Image

from sameperson.evaluation.segmentation import (
    Confusion,
    Task,
    agreement,
    brought_together,
    classes,
    nearest,
    shared_tasks,
)
from sameperson.priors.label_sets import LABEL_SETS, LIP
from sameperson.priors.part_groups import WORLD, label_set, part_set

SEVEN = part_set(7)
SHOES = Task("shoes", (6,), (18, 19))


def confusion(predicted, true, *maps):
    found = Confusion(predicted, true)
    for group, (one, other) in enumerate(maps):
        found.add(np.array(one, np.uint8), np.array(other, np.uint8), group)
    return found


def some(seed, pictures, high, true_high, size=(9, 5)):
    rng = np.random.default_rng(seed)
    return [(rng.integers(0, high, size), rng.integers(0, true_high, size)) for _ in range(pictures)]


def by_loop(maps, task):
    """Class IoU, IoU of the rest, pixel accuracy, mean accuracy; pixel by pixel."""
    both = either = neither = outside = right = pixels = 0
    found = {True: 0, False: 0}
    there = {True: 0, False: 0}
    for one, other in maps:
        for row in range(len(one)):
            for column in range(len(one[0])):
                if 255 in (one[row][column], other[row][column]):
                    continue
                said, true = one[row][column] in task.predicted, other[row][column] in task.true
                pixels += 1
                both += said and true
                either += said or true
                neither += not said and not true
                outside += not said or not true
                right += said == true
                there[true] += 1
                found[true] += said == true
    recall = [found[side] / there[side] for side in (True, False)]
    return both / either, (both / either + neither / outside) / 2, right / pixels, sum(recall) / 2


@pytest.mark.parametrize("name", ["isp-7", "isp-6", "study-7", "atr", "world", "lip"])
def test_every_task_is_as_a_loop_over_pixels_says(name):
    judged = label_set(name)
    maps = some(1, 4, len(judged.labels), 20)
    maps[2][1][:3] = 255
    maps[3][0][5:, 2] = 255
    found = confusion(judged, LIP, *maps)
    tasks = shared_tasks(judged, LIP)
    result = agreement(found.counts, tasks, resamples=20)
    assert list(result) == [task.name for task in tasks]
    for task in tasks:
        one = result[task.name]
        shares = [one.class_iou, one.two_class_iou, one.pixel_accuracy, one.mean_accuracy]
        assert [share.value for share in shares] == pytest.approx(by_loop(maps, task), rel=1e-12)


def test_a_map_by_hand():
    """Two shoes of four found, and one pixel that is none: 2 of 5, and 11 of 14 of the rest."""
    true = [[0, 0, 5, 5], [9, 9, 9, 9], [0, 0, 9, 9], [18, 18, 19, 19]]
    said = [[0, 0, 1, 1], [2, 2, 3, 3], [4, 4, 5, 6], [6, 6, 5, 5]]
    one = agreement(confusion(SEVEN, LIP, (said, true)).counts, [SHOES])["shoes"]
    assert one.class_iou.value == pytest.approx(2 / 5)
    assert one.two_class_iou.value == pytest.approx((2 / 5 + 11 / 14) / 2)
    assert one.pixel_accuracy.value == pytest.approx(13 / 16)
    assert one.mean_accuracy.value == pytest.approx((2 / 4 + 11 / 12) / 2)
    assert one.pixels == 4


def test_tasks_are_the_papers():
    """Table 1.10: what ISP's own evaluation calls head, legs and shoes."""
    for name, legs, shoes in (("isp-6", (4,), (5,)), ("isp-7", (4, 5), (6,))):
        tasks = {task.name: task for task in shared_tasks(label_set(name), LIP)}
        assert tasks["foreground"].true == tuple(range(1, 20))
        assert tasks["foreground"].predicted == tuple(range(1, len(label_set(name).labels)))
        assert (tasks["head"].predicted, set(tasks["head"].true)) == ((1,), {1, 2, 4, 13})
        assert (tasks["legs"].predicted, set(tasks["legs"].true)) == (legs, {8, 9, 16, 17})
        assert (tasks["shoes"].predicted, set(tasks["shoes"].true)) == (shoes, {18, 19})
    assert [task.name for task in shared_tasks(part_set(5), LIP)] == ["foreground"]


@pytest.mark.parametrize("labels", [*LABEL_SETS, "world"])
def test_tasks_name_the_same_things_in_every_set(labels):
    """By the labels' own names; a set without a name for a thing has no such task."""
    there = label_set(labels)
    things = {"head": "head hat hair sunglasses face", "legs": "legs socks pants left-leg right-leg",
              "shoes": "shoes left-shoe right-shoe", "arms": "left-arm right-arm"}  # fmt: skip
    for task in shared_tasks(there, there):
        if task.name == "foreground":
            expected = {
                number for number, name in enumerate(there.labels) if name not in ("background", "in-front", "")
            }
        else:
            expected = {number for number, name in enumerate(there.labels) if name in things[task.name].split()}
        assert set(task.true) == expected, task.name


def test_a_bag_is_a_person_only_where_the_set_knows_bags():
    said, bag = [[6, 6]], [[20, 0]]
    with_bags = agreement(confusion(SEVEN, WORLD, (said, bag)).counts, shared_tasks(SEVEN, WORLD))
    assert with_bags["foreground"].class_iou.value == 0.5


@pytest.mark.parametrize("absent", [False, True])
def test_all_classes_as_a_loop_says(absent):
    study = LABEL_SETS["study-7"]
    maps = some(2, 3, 7, 20)
    if absent:  # no left arm on either side: no class then
        for one, other in maps:
            one[one == 3] = 0
            other[other == 14] = 0
    maps[0][1][2] = 255
    found = classes(confusion(study, LIP, *maps).counts, study, LIP, resamples=20)
    assert found is not None
    into = {0: 0, **dict.fromkeys((1, 2, 4, 13), 1), **dict.fromkeys((5, 6, 7, 9, 10, 11, 12), 2), 14: 3, 15: 4,
            16: 5, 18: 5, 17: 6, 19: 6}  # fmt: skip
    hits, said, true = np.zeros((3, 7))
    for one, other in maps:
        for row in range(9):
            for column in range(5):
                label = into.get(int(other[row, column]))
                if label is not None:
                    true[label] += 1
                    said[one[row, column]] += 1
                    hits[label] += one[row, column] == label
    ious = {study.labels[k]: hits[k] / (said[k] + true[k] - hits[k]) for k in range(7) if said[k] + true[k]}
    assert {name: share.value for name, share in found.iou.items()} == pytest.approx(ious)
    assert len(ious) == (6 if absent else 7)
    assert found.mean_iou.value == pytest.approx(np.mean(list(ious.values())))
    assert found.pixel_accuracy.value == pytest.approx(hits.sum() / true.sum())
    assert found.mean_accuracy.value == pytest.approx(np.mean([hits[k] / true[k] for k in range(7) if true[k]]))


def test_parts_of_isp_are_no_labels_of_lip():
    assert classes(confusion(SEVEN, LIP, ([[1]], [[1]])).counts, SEVEN, LIP) is None


def test_intervals_are_those_of_a_loop_over_resamples():
    """People drawn again, each with all their pixels; the share is of the sums, not a mean over people."""
    maps = some(3, 12, 7, 20)
    found = Confusion(SEVEN, LIP)
    for picture, (one, other) in enumerate(maps):
        found.add(one.astype(np.uint8), other.astype(np.uint8), picture // 2)
    assert (found.groups, found.pictures) == (6, 12)
    task = shared_tasks(SEVEN, LIP)[0]
    one = agreement(found.counts, [task], resamples=300, seed=5)["foreground"].class_iou
    rng, drawn = np.random.default_rng(5), []
    for block in (256, 44):
        for people in rng.integers(6, size=(block, 6)):
            again = [maps[2 * person + k] for person in people for k in (0, 1)]
            drawn.append(by_loop(again, task)[0])
    assert min(drawn) <= one.low < one.value < one.high <= max(drawn)
    # six people: the tails lie farther out than 2.5 %, at what Student's t asks for
    assert (one.low, one.high) == pytest.approx(tuple(np.quantile(drawn, [0.0024, 1 - 0.0024])), abs=2e-3)


def test_pictures_alike_leave_no_doubt():
    one = some(4, 1, 7, 20)[0]
    sure = agreement(confusion(SEVEN, LIP, *[one] * 5).counts, [SHOES])["shoes"].class_iou
    assert sure.low == pytest.approx(sure.value) == pytest.approx(sure.high)


def test_without_pictures_there_is_nothing_to_say():
    shares = agreement(Confusion(SEVEN, LIP).counts, [SHOES])["shoes"]
    assert np.isnan(shares.class_iou.value)
    assert shares.pixels == 0


def test_sizes_meet_by_nearest_as_pillow_has_it():
    rng = np.random.default_rng(6)
    for source, size in (((256, 128), (64, 32)), ((64, 32), (256, 128)), ((50, 21), (64, 32)), ((7, 5), (3, 4))):
        labels = rng.integers(0, 20, source).astype(np.uint8)
        expected = np.asarray(Image.fromarray(labels).resize(size[::-1], Image.Resampling.NEAREST))
        assert (nearest(labels, size) == expected).all()


@pytest.mark.parametrize(("at", "size"), [("coarser", (4, 2)), ("finer", (8, 4)), ((6, 3), (6, 3))])
def test_maps_are_brought_to_the_size_that_is_named(at, size):
    one, other = np.arange(8, dtype=np.uint8).reshape(4, 2), np.arange(32, dtype=np.uint8).reshape(8, 4)
    first, second = brought_together(one, other, at)
    assert first.shape == second.shape == size
    swapped = brought_together(other, one, at)
    assert (swapped[0] == second).all() and (swapped[1] == first).all()


def test_a_label_of_another_set_is_named():
    with pytest.raises(ValueError, match="label 7 is none of isp-7's 0 to 6"):
        confusion(SEVEN, LIP, ([[7]], [[0]]))
    with pytest.raises(ValueError, match=r"maps of \(1, 1\) and \(1, 2\)"):
        confusion(SEVEN, LIP, ([[1]], [[0, 0]]))


def test_counts_equal_a_loop_over_pixels():
    """The table of predicted against true labels of each group, pixel by pixel; 255 on either side is left out."""
    maps = some(5, 6, 7, 20)
    maps[1][0][2] = 255
    maps[4][1][:, 1:3] = 255
    groups = [3, 0, 3, 8, 0, 3]
    found = Confusion(label_set("study-7"), LIP)
    expected = np.zeros((3, 7, 20), np.int64)
    for (one, other), group in zip(maps, groups):
        found.add(np.array(one, np.uint8), np.array(other, np.uint8), group)
        for said, true in zip(np.ravel(one).tolist(), np.ravel(other).tolist()):
            if 255 not in (said, true):
                expected[[0, 3, 8].index(group), said, true] += 1
    assert (found.counts == expected).all() and (found.pictures, found.groups) == (6, 3)


def test_absent_labels_are_named_and_in_no_mean():
    """Of five labels two occur: the means are over those two, and the other names are told."""
    labels = label_set("spreid")
    found = classes(confusion(labels, labels, ([[0, 0, 2, 2]], [[0, 2, 2, 2]])).counts, labels, labels, resamples=10)
    assert found is not None and list(found.iou) == ["background", "upper"]
    assert found.absent == ("head", "lower", "shoes")
    assert found.mean_iou.value == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert found.mean_accuracy.value == pytest.approx((1 + 2 / 3) / 2)
    assert found.to_json()["absent"] == ["head", "lower", "shoes"]
