"""What labels say is what pictures show: each is worked out a second time, in another way, and compared."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
import torch

from sameperson.world.body.model import KEYPOINTS, load_body
from sameperson.world.pictures.conditions import tracklets_of
from sameperson.world.pictures.crop import Crop, Shot, render_shots
from sameperson.world.pictures.faces import draw_faces
from sameperson.world.places.camera import calibration
from sameperson.world.plan import WorldPlan
from sameperson.world.population import identity_of
from sameperson.world.render.labels import Label

SIZE = (96, 48)
KINDS = ("plain", "occluded", "crowd", "dance", "twins")
FACE = slice(0, 5)
REACH, SMALLEST = 0.135, 6
"""Metres from a face's middle to the edges of its picture, and the pixels below which there is none."""
DEEP = 0.25
"""Metres by which a keypoint inside a body may at most lie behind its surface."""


@dataclass(frozen=True, eq=False)
class Case:
    """A shot, what was drawn of it, the same without anyone else, and who it is of."""

    shot: Shot
    crop: Crop
    alone: Crop
    plan: WorldPlan
    pid: int


def plan_of(kind):
    shots = 4 if kind == "dance" else 2
    return WorldPlan(6, 3, cameras=2, shots=shots, seed=6, size=SIZE, condition=kind, degree=0.7, group=3)


def shots_of(plan):
    return [(pid, shot) for pid in range(1, plan.people + 1) for take in tracklets_of(plan, pid) for shot in take.shots]


@pytest.fixture(scope="module")
def cases():
    found = []
    for kind in KINDS:
        plan = plan_of(kind)
        whole, again = shots_of(plan), shots_of(plan)  # drawing uses a shot's generator up
        crops = render_shots([shot for _, shot in whole], SIZE)
        alone = render_shots([replace(shot, bystanders=(), props=()) for _, shot in again], SIZE)
        found += [Case(shot, *pair, plan, pid) for (pid, shot), *pair in zip(whole, crops, alone, strict=True)]
    return found


def seen(camera, points):
    """World points (N, 3) -> pixels of the full frame and metres along the axis, by the matrices handed out."""
    given = calibration(camera)
    at = [np.array(given["R"]) @ point + np.array(given["T"]) for point in np.asarray(points, float)]
    return np.array([[*(np.array(given["K"]) @ one / one[2])[:2], one[2]] for one in at])


def in_crop(crop, pixels):
    """Pixels (N, 2) of the full frame -> pixels of the crop."""
    left, top, right, bottom = crop.box
    height, width = crop.mask.shape
    return np.stack([(pixels[:, 0] - left) * width / (right - left), (pixels[:, 1] - top) * height / (bottom - top)], 1)


def edges(mask):
    """The first and last column and row (left, top, right, bottom) where a mask is set."""
    rows, columns = np.nonzero(mask)
    return columns.min(), rows.min(), columns.max(), rows.max()


def grey(image, size=None):
    """How bright pictures (H, W, 3) are, (H, W), or shrunk to `size` (height, width)."""
    image = image if size is None else cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
    return image.astype(float).mean(-1)


def test_there_is_something_to_prove(cases):
    kinds = {case.plan.condition for case in cases}
    assert kinds == set(KINDS) and len(cases) == 120
    assert sum(bool(case.shot.props) for case in cases) >= 4
    assert sum(bool(case.shot.bystanders) for case in cases) >= 20
    assert sum((case.crop.amodal & ~case.crop.mask).any() for case in cases) >= 15


def test_keypoints_are_the_points_in_the_world_seen_by_the_calibrated_camera(cases):
    for case in cases:
        expected = in_crop(case.crop, seen(case.shot.camera, case.crop.points)[:, :2])
        np.testing.assert_allclose(case.crop.keypoints[:, :2], expected, atol=0.01)


def test_points_in_the_world_are_those_of_the_skinned_body(cases):
    """Skinning every vertex of the naked body, turning it and setting it down gives the same points, height aside."""
    body = load_body()
    for case in cases[::3]:
        figure = case.shot.figure
        rest = body.rest(torch.tensor([identity_of(case.plan, case.pid).betas]))
        turned = torch.from_numpy(np.asarray(figure.rotations, np.float32))[None]
        posed = body.skin(rest, body.joints(rest), turned)
        own = body.keypoints(posed)[0].numpy().astype(float)
        c, s = np.cos(figure.yaw), np.sin(figure.yaw)
        expected = own @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]).T
        expected[:, :2] += figure.position
        height = case.crop.points[:, 2] - expected[:, 2]
        np.testing.assert_allclose(case.crop.points[:, :2], expected[:, :2], atol=0.002)
        assert np.ptp(height) < 0.002
        toes = [k for k, name in enumerate(KEYPOINTS) if "toe" in name or "heel" in name]
        assert -0.01 < case.crop.points[toes, 2].min() - figure.lift < 0.12  # the sole and no more is below them


def test_a_keypoint_is_outside_hidden_or_visible_as_the_depth_map_has_it(cases):
    hidden = 0
    for case in cases:
        crop, depth = case.crop, seen(case.shot.camera, case.crop.points)[:, 2]
        for (x, y, state), away in zip(crop.keypoints, depth, strict=True):
            inside = 0 <= x < SIZE[1] and 0 <= y < SIZE[0]
            assert (state > 0) == inside
            if not inside:
                continue
            at = int(y), int(x)
            before = crop.instances[at] > 0 and crop.depth[at] < away - DEEP
            behind = crop.instances[at] == 0 or crop.depth[at] > away
            assert not (before and state == 2) and not (behind and state == 1)
            hidden += before
    assert hidden > 50


def test_parsing_instances_and_mask_agree_on_every_pixel(cases):
    for case in cases:
        crop = case.crop
        person = crop.instances == 1
        np.testing.assert_array_equal(crop.mask, person)
        np.testing.assert_array_equal((crop.parsing >= 1) & (crop.parsing <= 21), person)
        np.testing.assert_array_equal(crop.parsing == Label.OCCLUDER, crop.instances > 1)
        np.testing.assert_array_equal(crop.parsing == Label.BACKGROUND, crop.instances == 0)
        assert crop.instances.max() <= 1 + len(case.shot.bystanders) + len(case.shot.props)
        assert not crop.others[person].any() and not crop.others[crop.instances == 0].any()
        if not case.shot.props:
            np.testing.assert_array_equal(crop.others, crop.instances > 1)
        if not case.shot.bystanders:
            assert not crop.others.any()


def test_depth_is_that_of_who_is_there(cases):
    for case in cases:
        crop, camera = case.crop, case.shot.camera
        assert np.isfinite(crop.depth).all() and (crop.depth >= 0).all()
        assert (crop.depth[crop.instances > 0] > 0).all()
        away = seen(camera, crop.points)[:, 2]
        mine = crop.depth[crop.mask]
        assert mine.min() > away.mean() - 1.2 and mine.max() < away.mean() + 1.2
        assert mine.min() > away.min() - 0.4 and mine.max() < away.max() + 0.3
        others = [seen(camera, [[*one.position, 0.9]])[0, 2] for one in (*case.shot.bystanders, *case.shot.props)]
        for number, distance in enumerate(others, start=2):
            theirs = crop.depth[crop.instances == number]
            wide = 2.6 if number > 1 + len(case.shot.bystanders) else 1.4  # a car is long
            assert theirs.size == 0 or np.abs(theirs - distance).max() < wide


def test_whatever_hides_the_person_is_nearer(cases):
    counted = 0
    for case in cases:
        lost = case.alone.mask & (case.crop.instances > 1)
        counted += int(lost.sum())
        further = case.crop.depth[lost] - case.alone.depth[lost]
        assert (further >= 0).sum() <= max(1, 0.01 * lost.sum())  # at an edge a pixel holds a little of both
        assert (further < 0.1).all()
        kept = case.crop.mask & case.alone.mask  # where the person shows, nothing has moved, but for parts of pixels
        moved = case.crop.depth[kept] - case.alone.depth[kept]
        assert (moved > -0.001).all()
        beside = cv2.dilate((case.crop.instances > 1).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        assert (moved[~beside[kept]] > 0.001).sum() <= max(1, 0.01 * kept.sum())  # a bar may be thinner than a pixel
    assert counted > 500


def test_the_amodal_mask_is_the_mask_of_the_same_shot_without_anyone_else(cases):
    for case in cases:
        np.testing.assert_array_equal(case.crop.box, case.alone.box)
        np.testing.assert_array_equal(case.crop.points, case.alone.points)
        differ = (case.crop.amodal != case.alone.mask).sum()
        assert differ <= 0.01 * case.crop.amodal.sum()
        if not case.shot.bystanders and not case.shot.props:
            assert differ == 0


def test_the_visible_share_is_counted(cases):
    for case in cases:
        crop = case.crop
        assert not (crop.mask & ~crop.amodal).any()
        assert crop.visible_share == crop.mask.sum() / crop.amodal.sum()
        np.testing.assert_array_equal(crop.mask, crop.amodal & (crop.instances == 1))
        if not case.shot.bystanders and not case.shot.props:
            np.testing.assert_array_equal(crop.mask, crop.amodal)
            assert crop.visible_share == 1.0


def test_boxes_lie_in_each_other(cases):
    for case in cases:
        crop = case.crop
        if not crop.mask.any():
            continue
        visible, whole = edges(crop.mask), edges(crop.amodal)
        assert all(visible[k] >= whole[k] and visible[k + 2] <= whole[k + 2] for k in (0, 1))
        # of the picture, and of all that is worn: pixels within the bounds found before anything was drawn
        (left, top), (right, bottom) = in_crop(crop, crop.bounds.reshape(2, 2))
        assert whole[0] + 1 > left and whole[1] + 1 > top and whole[2] < right and whole[3] < bottom
        assert whole[0] >= 0 and whole[1] >= 0 and whole[2] < SIZE[1] and whole[3] < SIZE[0]


def test_faces_are_cut_where_they_are(cases):
    chosen = [case for case in cases if case.plan.condition in ("plain", "occluded")]
    faces = draw_faces([case.shot for case in chosen], [case.crop for case in chosen])
    assert 5 < sum(face is not None for face in faces) < len(faces)
    for case, face in zip(chosen, faces, strict=True):
        camera, crop = case.shot.camera, case.crop
        x, y, away = seen(camera, [crop.points[FACE].mean(0)])[0]
        reach = REACH * camera.f / away
        corners = np.rint(in_crop(crop, np.array([[x - reach, y - reach], [x + reach, y + reach]]))).astype(int)
        (left, top), (right, bottom) = corners.clip(0, (SIZE[1], SIZE[0]))
        if crop.keypoints[0, 2] < 2 or min(right - left, bottom - top) < SMALLEST:
            assert face is None
            continue
        assert face.high.shape == (112, 112, 3) and face.high.dtype == np.uint8
        likeness = np.corrcoef(grey(face.low).ravel(), grey(face.high, face.low.shape[:2]).ravel())[0, 1]
        assert likeness > 0.7
        np.testing.assert_array_equal(face.low, crop.image[top:bottom, left:right])
