"""Each condition makes finding a person hard in its own way, and in no other."""

import csv
import json
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.world import plan as plans
from sameperson.world.clothes.colours import colour_distance
from sameperson.world.dataset import FACES, MAPS, make_world
from sameperson.world.pictures.conditions import CONDITIONS, all_cameras, people_by_video, split_folder, tracklets_of
from sameperson.world.pictures.crop import render_shots
from sameperson.world.plan import GALLERY, QUERY, SPLITS, TRAIN, WorldPlan
from sameperson.world.population import dressed_person, wardrobe_of
from sameperson.world.render.labels import cloth_irrelevant, to_lip

SMALL = (64, 32)


def pictures(plan, people=None):
    """(pid, take, number, shot, folder) of every picture of a world, undrawn."""
    for pid in people or range(1, plan.people + 1):
        for take in tracklets_of(plan, pid):
            for number, shot in enumerate(take.shots):
                yield pid, take, number, shot, split_folder(plan, pid, take, number)


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_condition_that_can_be_asked_for_is_there():
    assert set(CONDITIONS) == set(plans.CONDITIONS)
    assert set(plans.NEEDS) <= set(CONDITIONS)
    assert len({condition.about for condition in CONDITIONS.values()}) == len(CONDITIONS)


@pytest.mark.parametrize("condition", ["plain", "occluded", "twins", "lowres"])
def test_as_in_market1501_one_picture_per_camera_is_a_query(condition):
    plan = WorldPlan(3, 2, cameras=2, shots=3, seed=5, condition=condition)
    found = Counter((pid, take.camid, where) for pid, take, _, _, where in pictures(plan))
    assert found == {(1, camid, TRAIN): 3 for camid in (0, 1)} | {
        (pid, camid, where): count for pid in (2, 3) for camid in (0, 1) for where, count in ((QUERY, 1), (GALLERY, 2))
    }


def visible(degree):
    """Visible shares of queries and of the rest, and the queries' shots."""
    plan = WorldPlan(7, 6, cameras=2, shots=2, seed=4, condition="occluded", degree=degree)
    found = list(pictures(plan, range(2, 8)))
    crops = render_shots([shot for *_, shot, _ in found], SMALL, 1)
    shares = [(crop.visible_share, where == QUERY) for crop, (*_, where) in zip(crops, found, strict=True)]
    queries = [shot for *_, shot, where in found if where == QUERY]
    return [s for s, query in shares if query], [s for s, query in shares if not query], queries


def test_queries_are_hidden_and_the_more_so_the_higher_the_degree():
    means = []
    for degree in (0.0, 0.5, 1.0):
        hidden, rest, queries = visible(degree)
        assert len(hidden) == len(rest) == 12
        for shot in queries:
            nearest = min(np.linalg.norm(shot.camera.eye[:2] - o.position) for o in (*shot.bystanders, *shot.props))
            assert nearest < np.linalg.norm(shot.camera.eye[:2] - shot.figure.position)
        means.append((np.mean(hidden), np.mean(rest)))
    assert means[1][0] < means[1][1] - 0.1 and means[2][0] < means[2][1] - 0.15
    assert means[0][0] > means[1][0] + 0.1 > means[2][0] + 0.2
    assert means[0][0] > 0.85


def test_a_crowd_is_several_people_and_more_at_a_higher_degree():
    counts = []
    for degree in (0.0, 1.0):
        plan = WorldPlan(3, 1, cameras=2, shots=2, seed=8, condition="crowd", degree=degree)
        shots = [shot for *_, shot, _ in pictures(plan)]
        assert all(shot.bystanders and not shot.props for shot in shots)
        for shot in shots:
            spots = np.array([one.position for one in (shot.figure, *shot.bystanders)])
            between = np.linalg.norm(spots[:, None] - spots, axis=-1) + 9 * np.eye(len(spots))
            assert between.min() > 0.44  # nobody stands in another
        counts.append(np.mean([len(shot.bystanders) for shot in shots]))
    assert counts[1] > counts[0] + 1.5
    crops = render_shots(shots, SMALL, 1)
    assert np.mean([(crop.instances > 1).any() for crop in crops]) > 0.7


def test_clothes_are_found_in_the_same_and_in_others():
    plan = WorldPlan(4, 2, cameras=2, shots=1, outfits=3, seed=1, condition="clothes")
    owners = defaultdict(set)
    found = defaultdict(list)
    for pid, take, _, _, where in pictures(plan):
        owners[plan.clothes_id(pid, take.outfit)].add(pid)
        found[pid, where].append((plan.clothes_id(pid, take.outfit), take.camid))
    assert len(owners) == 12 and all(len(people) == 1 for people in owners.values())
    assert plan.clothes_id(1, 0) == 0
    for pid in (3, 4):
        assert found[pid, QUERY]
        for worn, camid in found[pid, QUERY]:
            elsewhere = [other for other, where in found[pid, GALLERY] if where != camid]
            assert any(other != worn for other in elsewhere)
    more = replace(plan, shots=2)
    for pid in (3, 4):
        split = defaultdict(list)
        for _, take, _, _, where in pictures(more, [pid]):
            split[where].append((take.outfit, take.camid))
        for outfit, camid in split[QUERY]:
            assert any(other == outfit and there != camid for other, there in split[GALLERY])
            assert any(other != outfit and there != camid for other, there in split[GALLERY])


def test_cameras_a_and_b_see_the_same_clothes_and_c_others():
    plan = WorldPlan(4, 2, cameras=3, shots=2, outfits=2, seed=1, condition="clothes-abc")
    worn = defaultdict(set)
    where_is = defaultdict(set)
    for pid, take, _, _, where in pictures(plan):
        worn[pid, take.camid].add(plan.clothes_id(pid, take.outfit))
        if plan.is_test(pid):
            where_is[take.camid].add(where)
    assert where_is == {0: {GALLERY}, 1: {QUERY}, 2: {QUERY}}
    for pid in range(1, 5):
        assert worn[pid, 0] == worn[pid, 1] and not worn[pid, 0] & worn[pid, 2]
        assert wardrobe_of(plan, pid)[0] != wardrobe_of(plan, pid)[1]


@pytest.mark.parametrize(("people", "test_people", "group"), [(7, 3, 2), (10, 5, 5), (11, 4, 3), (6, 5, 9), (9, 1, 4)])
def test_groups_are_neighbours_and_never_both_trained_and_tested_on(people, test_people, group):
    plan = WorldPlan(people, test_people, cameras=2, condition="twins", group=group)
    members = defaultdict(list)
    for pid in range(1, people + 1):
        number, span = plan.group_of(pid)
        assert pid in span
        members[number].append((pid, tuple(span)))
    assert sorted(members) == list(range(len(members)))
    for several in members.values():
        pids = [pid for pid, _ in several]
        assert {span for _, span in several} == {tuple(pids)}
        assert len({pid > people - test_people for pid in pids}) == 1
        assert len(pids) <= group and pids == list(range(pids[0], pids[-1] + 1))
    trained = people - test_people
    assert len(members) == -(-trained // group) + -(-test_people // group)


def test_twins_share_their_clothes_and_nobody_else_does():
    plan = WorldPlan(7, 4, cameras=1, shots=2, seed=2, condition="twins", group=2)
    owners = defaultdict(set)
    for pid in range(1, 8):
        owners[plan.clothes_id(pid, 0)].add(pid)
    assert sorted(map(sorted, owners.values())) == [[1, 2], [3], [4, 5], [6, 7]]
    outfits = {pid: wardrobe_of(plan, pid)[0] for pid in range(1, 8)}
    for people in owners.values():
        one, *others = sorted(people)
        assert all(outfits[other] == outfits[one] for other in others)
    assert len({outfits[pid].top.cloth for pid in (1, 3, 4, 6)}) == 4
    cloth = {pid: dressed_person(plan, pid, 0).mesh.look[0]["top"]["cloth"].tobytes() for pid in (4, 5)}
    assert cloth[4] == cloth[5]


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    plan = WorldPlan(5, 3, cameras=1, shots=5, seed=3, size=SMALL, condition="dance", group=3)
    out = tmp_path_factory.mktemp("stage") / "dance"
    make_world(out, plan)
    return plan, out


def test_a_dance_is_asked_for_later_than_it_is_kept(stage):
    _, tree = stage
    rows = table(tree / "labels.csv")
    assert Counter(row["split"] for row in rows) == {"train": 10, "query": 6, "gallery": 9}
    for pid in ("3", "4", "5"):
        frames = {
            s: [int(r["frame"]) for r in rows if (r["pid"], r["split"]) == (pid, s)] for s in ("query", "gallery")
        }
        assert min(frames["query"]) > max(frames["gallery"]) + 50
        assert np.ptp(frames["gallery"]) == 10 and np.ptp(frames["query"]) == 5  # every fifth frame
    for pid in range(1, 6):
        mine = [row for row in rows if int(row["pid"]) == pid]
        assert [int(row["camid"]) for row in mine] == list(range(5)) and len({row["track_id"] for row in mine}) == 1
    for moment in range(5):  # a film shows everyone at the same time
        assert len({row["frame"] for row in rows if row["camid"] == str(moment) and row["pid"] in "345"}) == 1


def test_a_film_of_dancers_says_who_is_in_it(stage):
    plan, tree = stage
    assert json.loads((tree / "video.json").read_text()) == {"000": [1, 2], "001": [3, 4, 5]}
    assert people_by_video(plan) == {"000": [1, 2], "001": [3, 4, 5]}
    assert people_by_video(replace(plan, condition="plain")) == {}
    assert not (tree / "cameras.json").exists()
    for pid, take, _, shot, _ in pictures(plan):
        others = [dressed_person(plan, member, 0).mesh for member in plan.group_of(pid)[1] if member != pid]
        assert {id(one.dressed.mesh) for one in shot.bystanders} == {id(mesh) for mesh in others}
        assert take.outfit == 0


def test_dancers_wear_costumes_cut_from_the_same_bale(stage):
    plan, _ = stage
    for one, other in ((1, 2), (3, 4), (4, 5)):
        a, b = wardrobe_of(plan, one)[0], wardrobe_of(plan, other)[0]
        assert a.top.kind == b.top.kind and a.top.cloth.pattern == b.top.cloth.pattern
        assert colour_distance(a.top.cloth.colours[0], b.top.cloth.colours[0]) < 0.1
        assert a != b
        assert a.bag is a.outer is None
    assert wardrobe_of(plan, 1)[0].top.cloth != wardrobe_of(plan, 3)[0].top.cloth


def test_dancers_are_before_the_same_camera_at_the_same_time(stage):
    plan, _ = stage
    shots = {(pid, take.camid): shot for pid, take, _, shot, _ in pictures(plan)}
    for moment in range(5):
        mine, other = shots[3, moment], shots[5, moment]
        np.testing.assert_array_equal(mine.camera.R, other.camera.R)
        assert any((one.position == other.figure.position).all() for one in mine.bystanders)
    turned = [shots[3, moment].figure.rotations for moment in range(5)]
    steps = [np.abs(a - b).max() for a, b in pairwise(turned)]
    assert 0 < max(steps[:2]) < 1.2  # a fifth of a second of movement, no jump


@cache
def moments(condition, degree):
    """The plan of a spoiled world's few pictures."""
    return WorldPlan(4, 2, cameras=3, shots=1, seed=4, condition=condition, degree=degree)


def drawn(shots):
    return np.array([crop.image for crop in render_shots(shots, (128, 64), 1)])


@cache
def spoiled(condition, degree):
    """Pictures (N, 128, 64, 3) of the same moments, as spoiled as it says."""
    return drawn([shot for *_, shot, _ in pictures(moments(condition, degree))])


@pytest.fixture(scope="module")
def clear():
    return spoiled("plain", 0.5)


def fine(images, axis):
    """Mean squared steps from pixel to pixel, down (1) or across (2), of what differs at all."""
    bright = images.astype(float).mean(-1)
    return float((np.diff(bright, axis=axis) ** 2).mean() / bright.var())


def test_without_degree_nothing_is_spoiled(clear):
    for condition in ("lowres", "lowlight", "blur"):
        np.testing.assert_array_equal(spoiled(condition, 0.0), clear)


@pytest.mark.parametrize("condition", ["lowres", "blur"])
def test_few_pixels_and_blur_leave_less_detail(clear, condition):
    details = [
        sum(fine(images, axis) for axis in (1, 2))
        for images in (clear, spoiled(condition, 0.3), spoiled(condition, 1.0))
    ]
    assert details[0] > 1.3 * details[1] > 1.3 * 1.5 * details[2]
    assert abs(spoiled(condition, 1.0).mean() - clear.mean()) < 12  # no darker for it


def test_low_light_is_dark(clear):
    half, full = spoiled("lowlight", 0.5), spoiled("lowlight", 1.0)
    assert clear.mean() - 20 > half.mean() > full.mean() + 12
    for image, dark in zip(clear, full, strict=True):
        assert dark.mean() < 0.75 * image.mean()


def test_blur_runs_along_the_motion_of_each_camera():
    """The smear, which is mostly sideways, costs more of the steps across than of those down."""
    plan = moments("blur", 1.0)
    for camera, plain in zip(all_cameras(plan), all_cameras(moments("plain", 1.0)), strict=True):
        across, down = np.subtract(camera.motion, plain.motion)
        assert across > 1.7 * abs(down) > 0
    shots = [shot for *_, shot, _ in pictures(plan)]
    still = drawn([replace(shot, camera=replace(shot.camera, motion=(0.0, 0.0))) for shot in shots])
    down, across = (fine(spoiled("blur", 1.0), axis) / fine(still, axis) for axis in (1, 2))
    assert across < 0.8 * down


def test_some_cameras_of_a_mixed_world_have_a_fault():
    plan = WorldPlan(people=2, test_people=1, cameras=200, shots=1, condition="mixed", degree=1.0, seed=4)
    pairs = list(zip(all_cameras(plan), all_cameras(replace(plan, condition="plain")), strict=True))
    dark = [one.photon_noise > other.photon_noise for one, other in pairs]
    coarse = [one.resolution < other.resolution for one, other in pairs]
    shaken = [one.motion != other.motion for one, other in pairs]
    each = np.sum([dark, coarse, shaken], axis=1)
    assert 59 < np.sum([dark, coarse, shaken]) < 101  # two in five of 200, give or take three deviations
    assert (each > 12).all() and (np.sum([dark, coarse, shaken], axis=0) <= 1).all()


def test_each_person_walks_past_as_many_cameras_as_asked():
    plan = WorldPlan(people=30, test_people=10, cameras=50, seen_in=6, shots=1, seed=4)
    seen = {pid: list(plan.cameras_of(pid)) for pid in range(1, 31)}
    assert all(len(set(cameras)) == 6 and cameras == sorted(cameras) for cameras in seen.values())
    assert len({camera for cameras in seen.values() for camera in cameras}) > 40
    assert len({tuple(cameras) for cameras in seen.values()}) == 30
    assert [tracklet.camid for tracklet in tracklets_of(plan, 7)] == seen[7]
    # Every test person has one query, in the first of the cameras that see them.
    queries = [
        (pid, tracklet.camid)
        for pid in range(21, 31)
        for tracklet in tracklets_of(plan, pid)
        if split_folder(plan, pid, tracklet, 0) == "query"
    ]
    assert queries == [(pid, seen[pid][0]) for pid in range(21, 31)]


@pytest.mark.parametrize(("how", "says"), [({"seen_in": 0}, "--seen-in 0"), ({"seen_in": 5}, "1 to the 4 cameras")])
def test_nobody_is_seen_in_more_cameras_than_there_are(how, says):
    with pytest.raises(InputError, match=says):
        WorldPlan(people=3, test_people=1, cameras=4, **how)
    with pytest.raises(InputError, match="dance"):
        WorldPlan(people=3, test_people=1, cameras=4, condition="dance", seen_in=2)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """The same world with all labels and with none."""
    folder_ = tmp_path_factory.mktemp("labels")
    words = "--people 3 --test-people 2 --cameras 2 --shots 2 --seed 2 --size 96x48 --condition occluded --workers 1"
    for labels in ("all", "none"):
        assert main(["world", "make", str(folder_ / labels), "--labels", labels, *words.split()]) == 0
    return folder_ / "all", folder_ / "none"


def files(tree, ending):
    return {str(path.relative_to(tree)): path.read_bytes() for path in sorted(tree.rglob(f"*{ending}"))}


def test_labels_change_no_picture(labelled):
    full, bare = labelled
    pictures_ = {name: data for name, data in files(full, ".jpg").items() if Path(name).parts[0] in SPLITS}
    assert pictures_ == files(bare, ".jpg") and len(pictures_) == 12
    assert (full / "labels.csv").read_bytes() == (bare / "labels.csv").read_bytes()
    assert {path.name for path in bare.iterdir()} == {*SPLITS, "labels.csv", "people.csv", "cameras.json", "world.json"}


def test_all_labels_are_all(labelled):
    tree, _ = labelled
    paths = [row["path"] for row in table(tree / "labels.csv")]
    expected = {*SPLITS, *MAPS, *FACES, "keypoints", "poses"}
    assert {path.name for path in tree.iterdir() if path.is_dir()} == expected
    modes = (
        dict.fromkeys(MAPS, "L")
        | dict.fromkeys(("parsing", "parts", "instances", "everybody"), "P")
        | {"depth": "I;16"}
    )
    for kind in MAPS:
        found = {str(path.relative_to(tree / kind)) for path in (tree / kind).rglob("*.png")}
        assert found == {str(Path(path).with_suffix(".png")) for path in paths}
        for name in found:
            picture = Image.open(tree / kind / name)
            assert (picture.mode, picture.size) == (modes[kind], (48, 96)), name
    for where in SPLITS:
        names = [Path(path).name for path in paths if Path(path).parent.name == where]
        for kind in ("keypoints", "poses"):
            assert [entry["image_id"] for entry in json.loads((tree / kind / f"{where}.json").read_text())] == names
    faces = {str(path.relative_to(tree / FACES[0])) for path in (tree / FACES[0]).rglob("*.jpg")}
    assert faces == {str(path.relative_to(tree / FACES[1])) for path in (tree / FACES[1]).rglob("*.jpg")}
    assert faces and faces <= set(paths)
    assert all(Image.open(tree / FACES[1] / name).size == (112, 112) for name in faces)


def test_labels_on_disk_agree_with_each_other(labelled):
    tree, _ = labelled
    poses = {e["image_id"]: e for where in SPLITS for e in json.loads((tree / "poses" / f"{where}.json").read_text())}
    hidden = 0
    for row in table(tree / "labels.csv"):
        name = Path(row["path"]).with_suffix(".png")
        maps = {kind: np.asarray(Image.open(tree / kind / name)) for kind in MAPS}
        mask, amodal = maps["masks"] > 0, maps["amodal"] > 0
        np.testing.assert_array_equal(mask, maps["instances"] == 1)
        np.testing.assert_array_equal(mask, (maps["parts"] > 0) & (maps["parts"] < 22))
        np.testing.assert_array_equal(maps["parts"] == 22, maps["instances"] > 1)
        np.testing.assert_array_equal(maps["everybody"] == 1, mask)
        np.testing.assert_array_equal(maps["parsing"], to_lip(maps["parts"]))
        np.testing.assert_array_equal(maps["irrelevant"] > 0, cloth_irrelevant(maps["parts"]))
        assert (maps["depth"][maps["instances"] > 0] > 1000).all()  # millimetres
        assert not (mask & ~amodal).any()
        assert float(row["visible"]) == round(mask.sum() / amodal.sum(), 4)
        entry = poses[Path(row["path"]).name]
        assert entry["visible"] == float(row["visible"])
        people = entry["in_front_or_around"].count("person")
        others = (maps["instances"] > 1) & (maps["instances"] <= 1 + people)
        np.testing.assert_array_equal(maps["everybody"] == 2, others)
        left, top, width, height = entry["amodal_box"]
        assert amodal[top : top + height, left : left + width].sum() == amodal.sum()
        assert amodal[top].any() and amodal[:, left].any()
        assert amodal[top + height - 1].any() and amodal[:, left + width - 1].any()
        hidden += bool(entry["in_front_or_around"])
    assert hidden >= 4
