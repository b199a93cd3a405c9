"""Films of dances: what the tracks say is where people are, and what the annotation trusts is right."""

import csv
import hashlib
import json

import cv2
import numpy as np
import pytest

from sameperson.data.miniatures.dancereid_videos import TrackerErrors, frame_size, write
from sameperson.data.miniatures.make import make_layout
from sameperson.data.miniatures.miniature import WorldTree
from sameperson.world.pictures.conditions import tracklets_of
from sameperson.world.pictures.group_dance import sample_group_dance
from sameperson.world.plan import WorldPlan

PLAN = WorldPlan(5, 2, 1, shots=4, size=(32, 16), condition="dance", group=3, seed=1, labels=())


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    root = tmp_path_factory.mktemp("films")
    write(WorldTree(root, PLAN, ()), root)
    return root


def table(root):
    with (root / "video_data.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def tracks_of(root, row):
    return np.load(root / "npy" / f"{row['File_name'][4:-4]}.npy", allow_pickle=True).item()


def test_films_tracks_and_table_agree(films):
    rows = table(films)
    assert [(row["PID"], row["Num_person"]) for row in rows] == [("2", "3"), ("4", "2")]
    annotation = json.loads((films / "annotation.json").read_text())
    assert sorted(annotation) == sorted(row["File_name"][4:-4] for row in rows)
    assert rows[-1]["Youtube_id"] not in annotation
    for number, row in enumerate(rows):
        assert row["File_name"].startswith(f"{number:03d}_")
        video, tracks = cv2.VideoCapture(str(films / "videos" / row["File_name"])), tracks_of(films, row)
        assert list(tracks) == list(range(20)) and int(row["Num_frames"]) == 20
        assert sum(map(len, tracks.values())) == int(row["Num_bboxes"])
        frames = []
        while (frame := video.read())[0]:
            frames.append(frame[1])
        assert len(frames) == 20 and frames[0].shape == (*frame_size(PLAN)[::-1], 3)


def test_a_box_holds_what_moves(films):
    """Where a film differs from its own median there is someone, and nearly nowhere else."""
    row = table(films)[0]
    video = cv2.VideoCapture(str(films / "videos" / row["File_name"]))
    frames = np.stack([video.read()[1] for _ in range(20)]).astype(float)
    moving = np.abs(frames - np.median(frames, axis=0)).max(-1) > 40
    inside = np.zeros(moving.shape, bool)
    for frame, boxes in tracks_of(films, row).items():
        for box in boxes.values():
            x1, x2, y1, y2 = (int(edge) for edge in box["box_pos"])
            inside[frame, y1 - 2 : y2 + 2, x1 - 2 : x2 + 2] = True
    lost = [frame for frame, boxes in tracks_of(films, row).items() if len({b["box_pos"] for b in boxes.values()}) < 3]
    sure = np.setdiff1d(np.arange(20), lost)
    assert moving[sure].sum() > 100
    assert inside[sure][moving[sure]].mean() > 0.95 > 2 * inside[sure].mean()


def test_joints_lie_in_their_boxes(films):
    for row in table(films):
        for boxes in tracks_of(films, row).values():
            for box in boxes.values():
                x1, x2, y1, y2 = box["box_pos"]
                pose = box["pose_pos"]
                assert pose.shape == (17, 2)
                found = pose[(pose != -1).all(1)]
                near = (found >= (x1 - 3, y1 - 3)).all(1) & (found <= (x2 + 3, y2 + 3)).all(1)
                assert near.all()


def test_only_frames_in_which_a_number_means_its_person_are_annotated(films):
    """Each person keeps a place; a number that jumps away from it is not trusted, and there are such."""
    annotation, wrong = json.loads((films / "annotation.json").read_text()), 0
    for row in table(films):
        sure, tracks = annotation[row["File_name"][4:-4]], tracks_of(films, row)
        where = {}
        for frame, boxes in tracks.items():
            for box in boxes.values():
                name = str(box["id"] - 1)
                spot = np.reshape(box["box_pos"], (2, 2)).mean(1)
                if frame in sure.get(name, []):
                    where.setdefault(name, []).append(spot)
                else:
                    wrong += 1
        assert sorted(where) == sorted(sure)
        for spots in where.values():
            assert np.abs(np.array(spots) - np.median(spots, axis=0)).max() < 14
    assert wrong >= 10


def test_a_tracker_loses_one_swaps_two_and_imagines_a_box():
    errors = TrackerErrors(lost=0, swapped=(1, 2), runs=(range(5), range(10, 15), range(7, 9)))
    assert [errors.number(0, frame) for frame in (0, 4, 5, 12)] == [None, None, 0, 0]
    assert [(errors.number(1, f), errors.number(2, f)) for f in (9, 10, 15)] == [(1, 2), (2, 1), (1, 2)]
    assert [errors.has_false_box(frame) for frame in (6, 7, 9)] == [False, True, False]
    for seed in range(20):
        for people in (1, 2, 5):
            drawn = TrackerErrors.at_random(np.random.default_rng(seed), people, 20)
            assert drawn.lost < people and max(drawn.swapped) < people
            numbers = [drawn.number(one, drawn.runs[1][0]) for one in range(people)]
            assert len(set(numbers)) == people or drawn.lost in [i for i, n in enumerate(numbers) if n is None]


def test_a_film_shows_the_dance_that_pictures_of_the_same_world_show():
    """The first picture of a person in `world make` is the film's first frame: the same pose in the same place."""
    video, members = PLAN.group_of(4)
    show = sample_group_dance(PLAN, video, members)
    figures = show.figures(show.first)
    for pid in members:
        shot = next(iter(tracklets_of(PLAN, pid))).shots[0]
        np.testing.assert_array_equal(shot.figure.rotations, figures[pid].rotations)
        assert (shot.figure.yaw, *shot.figure.position) == (figures[pid].yaw, *figures[pid].position)
        assert len(shot.bystanders) == len(members) - 1


def test_the_same_plan_gives_the_same_bytes(films, tmp_path):
    def digest(root):
        return {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            if path.is_file()
        }

    assert make_layout(tmp_path / "again", "dancereid-videos", PLAN) > 0
    again = digest(tmp_path / "again")
    note = json.loads((tmp_path / "again" / "miniature.json").read_text())
    assert {part: people for part, (_, people) in note["counts"].items()} == {"train": 3, "query": 2, "gallery": 2}
    again.pop("miniature.json")
    assert again == digest(films)
