"""Pictures of people whose clothes, pose and place are known, and what their labels must then be."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from sameperson.world.body.model import KEYPOINTS, load_body
from sameperson.world.body.pose import Gait, stand
from sameperson.world.clothes.outfit import Bag, Bottom, Cloth, Headwear, Outfit, Shoes, Skirt, Top
from sameperson.world.clothes.random_outfit import sample_outfit
from sameperson.world.figures.dress import dress
from sameperson.world.figures.figure import Figure
from sameperson.world.people.identity import sample_identity
from sameperson.world.pictures.crop import Shot, render_shots, sample_spot
from sameperson.world.places.camera import Camera, look_at, project, sample_camera
from sameperson.world.places.place import sample_room
from sameperson.world.render.labels import Label

SIZE = (128, 64)
RED, GREY, BLUE = (0.6, 0.05, 0.05), (0.3, 0.3, 0.3), (0.05, 0.05, 0.5)
TEE = Top("tee", sleeve=0.3, hem=0.03, collar=0.572, loose=0.01, cloth=Cloth((RED, RED, RED)))
SHORTS = Bottom("shorts", end=-0.3, loose=0.02, cloth=Cloth((BLUE, BLUE, BLUE)))
TROUSERS = replace(SHORTS, kind="chinos", end=-0.77, loose=0.015)
SHOES = Shoes(top=-0.75, colour=GREY, sole=GREY, sock_top=-0.8, sock=GREY)
TEE_AND_SHORTS = Outfit(top=TEE, bottom=SHORTS, shoes=SHOES)
FRONT, FROM_LEFT, BEHIND = 0.0, np.pi / 2, np.pi
SKIN = {Label.LEFT_ARM, Label.RIGHT_ARM, Label.LEFT_LEG, Label.RIGHT_LEG}


@pytest.fixture(scope="module")
def identity():
    one = sample_identity(np.random.default_rng(3))
    return replace(one, betas=(0.0,) * 32, hair_style="short", hair_volume=0.01, glasses=0, beard=0.0, hairline=0.803)


def camera(**changes):
    """Six metres in front of the origin at chest height, with perfect optics."""
    rotation, shift = look_at(np.array([0.0, -6.0, 1.2]), np.array([0.0, 0.0, 0.9]))
    room = sample_room(np.random.default_rng(0))
    neutral = {"colour": np.eye(3), "exposure": 1.0, "gamma": 1.0, "noise": 0.0, "blur": 0.0, "resolution": 1.0}
    where = {"R": rotation, "T": shift, "f": 900.0, "size": (960, 720), "room": room}
    lamp = {"light": (0.0, -0.6, 0.8), "ambient": 0.6, "diffuse": 0.4, "jpeg_quality": 90}
    return Camera(**where | neutral | lamp | changes)


def shoot(identity, outfit, yaw=FRONT, seed=0, **changes):
    body = load_body()
    rotations = stand(np.zeros(1), [Gait()])[0].numpy()
    dressed = dress(body, identity, outfit)
    return Shot(Figure(dressed, rotations, yaw, np.zeros(2)), camera(**changes), np.random.default_rng(seed))


def crop_of(identity, outfit, yaw=FRONT, **how):
    return render_shots([shoot(identity, outfit, yaw)], how.pop("size", SIZE), **how)[0]


def shown(crop):
    """Labels that more than a few pixels have."""
    return {Label(k) for k, count in enumerate(np.bincount(crop.parsing.ravel())) if count > 3 and k}


def column(crop, label):
    return np.nonzero(crop.parsing == label)[1].mean()


def visibility(crop):
    return dict(zip(KEYPOINTS, crop.keypoints[:, 2].astype(int), strict=True))


def test_a_crop_holds_one_person_whose_every_pixel_is_named(identity):
    crop = crop_of(identity, TEE_AND_SHORTS)
    assert crop.image.shape == (*SIZE, 3) and crop.image.dtype == np.uint8
    assert crop.parsing.shape == SIZE and crop.parsing.dtype == np.uint8
    assert crop.keypoints.shape == (23, 3) and crop.box.shape == (4,)
    np.testing.assert_array_equal(crop.mask, crop.parsing > 0)
    rows, columns = np.nonzero(crop.mask)
    assert np.ptp(rows) > 0.8 * SIZE[0] and 0.2 < crop.mask.mean() < 0.7
    assert abs(columns.mean() - SIZE[1] / 2) < 0.15 * SIZE[1]


def test_tee_and_shorts_show_arms_and_legs(identity):
    worn = {Label.HAIR, Label.FACE, Label.UPPER, Label.TROUSERS, Label.LEFT_SHOE, Label.RIGHT_SHOE}
    labels = shown(crop_of(identity, TEE_AND_SHORTS, size=(256, 128)))
    assert worn | SKIN <= labels <= worn | SKIN | {Label.TORSO_SKIN}


def test_trousers_hide_legs(identity):
    labels = shown(crop_of(identity, replace(TEE_AND_SHORTS, bottom=TROUSERS)))
    assert Label.TROUSERS in labels and not {Label.LEFT_LEG, Label.RIGHT_LEG} & labels


def test_long_sleeves_leave_only_hands(identity):
    def bare(outfit):
        parsing = crop_of(identity, outfit, size=(256, 128)).parsing
        return np.isin(parsing, [Label.LEFT_ARM, Label.RIGHT_ARM]).sum()

    long = replace(TEE_AND_SHORTS, top=replace(TEE, sleeve=0.96))
    assert 0 < bare(long) < 0.5 * bare(TEE_AND_SHORTS)


def test_a_dress_is_a_dress(identity):
    outfit = Outfit(top=replace(TEE, kind="dress", hem=0.1), skirt=Skirt(-0.3, 0.006, TEE.cloth), shoes=SHOES)
    labels = shown(crop_of(identity, outfit))
    assert Label.DRESS in labels and not {Label.UPPER, Label.SKIRT, Label.TROUSERS} & labels


def test_a_skirt_under_a_tee(identity):
    outfit = Outfit(top=TEE, skirt=Skirt(-0.3, 0.006, SHORTS.cloth), shoes=SHOES)
    labels = shown(crop_of(identity, outfit))
    assert {Label.UPPER, Label.SKIRT, Label.LEFT_LEG, Label.RIGHT_LEG} <= labels and Label.TROUSERS not in labels


def test_an_open_coat_shows_the_tee_in_front_only(identity):
    coat = replace(TEE, kind="coat", sleeve=0.97, hem=0.05, collar=0.6, loose=0.016, opening=0.06)
    outfit = replace(TEE_AND_SHORTS, bottom=TROUSERS, outer=coat, tails=Skirt(-0.4, 0.016, coat.cloth, 0.03))
    front, back = crop_of(identity, outfit), crop_of(identity, outfit, BEHIND)
    assert {Label.COAT, Label.UPPER, Label.TROUSERS} <= shown(front)
    assert Label.COAT in shown(back) and Label.UPPER not in shown(back)


def test_a_bag_is_part_of_the_person(identity):
    bare = crop_of(identity, TEE_AND_SHORTS, BEHIND)
    crop = crop_of(identity, replace(TEE_AND_SHORTS, bag=Bag("backpack", 1.0, GREY)), BEHIND)
    assert Label.BAG in shown(crop) and Label.BAG not in shown(bare)
    assert crop.mask[crop.parsing == Label.BAG].all()


@pytest.mark.parametrize("kind", ["cap", "beanie", "headscarf"])
def test_headwear_covers_hair(identity, kind):
    parsing = crop_of(identity, replace(TEE_AND_SHORTS, headwear=Headwear(kind, RED)), BEHIND).parsing
    plain = crop_of(identity, TEE_AND_SHORTS, BEHIND).parsing
    assert (parsing == Label.HAT).sum() > 20
    assert (parsing == Label.HAIR).sum() < 0.6 * (plain == Label.HAIR).sum()


def test_colours_are_those_of_the_labels(identity):
    crop = crop_of(identity, TEE_AND_SHORTS, size=(256, 128))
    red, green, blue = crop.image[crop.parsing == Label.UPPER].mean(0)
    assert red > 2 * max(green, blue)
    red, green, blue = crop.image[crop.parsing == Label.TROUSERS].mean(0)
    assert blue > 2 * max(red, green)


@pytest.mark.parametrize(("yaw", "side"), [(FRONT, 1), (BEHIND, -1)])
def test_left_is_the_persons_left(identity, yaw, side):
    crop = crop_of(identity, TEE_AND_SHORTS, yaw)
    for left, right in ((14, 15), (16, 17), (18, 19)):
        assert side * (column(crop, left) - column(crop, right)) > 3
    at = dict(zip(KEYPOINTS, crop.keypoints, strict=True))
    assert side * (at["left_shoulder"][0] - at["right_shoulder"][0]) > 5
    assert side * (at["left_ankle"][0] - at["right_ankle"][0]) > 3


def test_keypoints_lie_on_the_part_they_name(identity):
    crop = crop_of(identity, TEE_AND_SHORTS, size=(256, 128))
    expected = {
        "nose": Label.FACE,
        "left_eye": Label.FACE,
        "left_shoulder": Label.UPPER,
        "right_elbow": Label.RIGHT_ARM,
        "left_wrist": Label.LEFT_ARM,
        "right_knee": Label.RIGHT_LEG,
        "left_big_toe": Label.LEFT_SHOE,
    }
    for name, label in expected.items():
        x, y, _ = crop.keypoints[KEYPOINTS.index(name)]
        around = crop.parsing[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3]
        assert label in around, name


def test_from_the_front_all_is_visible(identity):
    seen = visibility(crop_of(identity, TEE_AND_SHORTS))
    assert all(seen[name] == 2 for name in KEYPOINTS if "heel" not in name and "ear" not in name)


def test_from_behind_the_face_is_hidden(identity):
    seen = visibility(crop_of(identity, TEE_AND_SHORTS, BEHIND))
    assert seen["nose"] == seen["left_eye"] == seen["right_eye"] == 1
    assert seen["left_shoulder"] == seen["right_shoulder"] == seen["left_knee"] == 2


def test_from_the_side_the_far_half_is_hidden(identity):
    seen = visibility(crop_of(identity, TEE_AND_SHORTS, FROM_LEFT))
    near, far = ("left", "right") if seen["left_shoulder"] == 2 else ("right", "left")
    for point in ("shoulder", "hip", "eye", "ear"):
        assert seen[f"{near}_{point}"] == 2 and seen[f"{far}_{point}"] == 1, point


def test_the_near_side_at_a_quarter_turn_is_the_one_that_faces_the_camera(identity):
    # yaw turns counter-clockwise seen from above: facing -Y, then +X, whose right side faces a camera at -Y
    seen = visibility(crop_of(identity, TEE_AND_SHORTS, FROM_LEFT))
    assert seen["right_shoulder"] == 2 and seen["left_shoulder"] == 1


def test_a_point_outside_the_picture_has_no_visibility(identity):
    shot = shoot(identity, TEE_AND_SHORTS)
    crops = render_shots([replace(shot, rng=np.random.default_rng(seed)) for seed in range(40)], (32, 16))
    outside = 0
    for crop in crops:
        x, y, seen = crop.keypoints.T
        inside = (x >= 0) & (x < 16) & (y >= 0) & (y < 32)
        np.testing.assert_array_equal(seen > 0, inside)
        outside += (~inside).sum()
    assert outside > 0


def test_the_box_is_the_crop_in_the_full_frame(identity):
    shot = shoot(identity, TEE_AND_SHORTS)
    crop = render_shots([shot], SIZE)[0]
    left, top, right, bottom = crop.box
    head = project(shot.camera, np.array([0.0, 0.0, 1.6]))
    x, y = (head[0] - left) / (right - left) * SIZE[1], (head[1] - top) / (bottom - top) * SIZE[0]
    nose = crop.keypoints[0]
    assert abs(x - nose[0]) < 4 and abs(y - nose[1]) < 12
    assert 0.25 < (right - left) / (bottom - top) < 0.8


def test_finer_sampling_changes_labels_only_at_their_borders(identity):
    coarse = crop_of(identity, TEE_AND_SHORTS, supersample=1).parsing
    fine = crop_of(identity, TEE_AND_SHORTS, supersample=3).parsing
    differs = coarse != fine
    inner = np.ones(SIZE, bool)
    inner[0] = inner[-1] = inner[:, 0] = inner[:, -1] = False
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            inner &= np.roll(fine, (down, across), (0, 1)) == fine
    assert differs.mean() < 0.04 and inner.mean() > 0.5
    assert differs[inner].mean() < 0.005


def digest(crops):
    parts = [value.tobytes() for crop in crops for value in (crop.image, crop.parsing, crop.keypoints, crop.box)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def several():
    """Two people in sampled clothes before two sampled cameras."""
    shots, body = [], load_body()
    for seed in range(2):
        rng = np.random.default_rng(seed)
        someone = sample_identity(rng)
        dressed = dress(body, someone, sample_outfit(rng, someone))
        eye = sample_camera(rng)
        rotations = stand(np.zeros(1), [someone.gait])[0].numpy()
        for turn in range(2):
            shots.append(
                Shot(
                    Figure(dressed, rotations, 2.0 * turn, sample_spot(rng, eye)),
                    eye,
                    np.random.default_rng([seed, turn]),
                )
            )
    return shots


def test_the_same_shots_give_the_same_bytes_here_and_in_another_process():
    here = digest(render_shots(several(), SIZE))
    assert here == digest(render_shots(several(), SIZE))
    code = "import runpy; t = runpy.run_path({!r}); print(t['digest'](t['render_shots'](t['several'](), t['SIZE'])))"
    there = subprocess.run([sys.executable, "-c", code.format(__file__)], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here
    assert there.stderr == ""  # warp starts without a word


def test_a_crop_does_not_depend_on_its_company():
    together = render_shots(several(), SIZE)
    alone = [render_shots([shot], SIZE)[0] for shot in several()]
    assert [digest([crop]) for crop in together] == [digest([crop]) for crop in alone]


@pytest.mark.parametrize("seed", range(5))
def test_people_are_placed_where_the_camera_sees_them_whole(seed):
    rng = np.random.default_rng(seed)
    eye = sample_camera(rng)
    for _ in range(5):
        spot = sample_spot(rng, eye)
        ends = project(eye, np.array([[*spot, 0.0], [*spot, 1.8]]))
        assert (ends[:, 2] > 1).all()
        assert (ends[:, :2] > 0).all() and (ends[:, :2] < eye.size).all()
        assert abs(spot[0]) < eye.room.half_x and abs(spot[1]) < eye.room.half_y
