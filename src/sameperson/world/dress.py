"""From an identity and an outfit to one mesh in the rest pose, ready to be posed and drawn many times.

The region function decides what remains of each piece: triangles it cuts away entirely are left out, and so is
whatever lies well inside another garment, which is cheaper to draw and cannot poke through.
numpy outside, torch inside the body.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sameperson.world.accessories import Accessory, Spot, accessories
from sameperson.world.body import EYES, SKIN, Body
from sameperson.world.garments import BOOTS, Garment, garments, limbs, shell
from sameperson.world.identity import Identity
from sameperson.world.kernels.zbuffer import CUT, TWO_SIDED
from sameperson.world.layers import Layer
from sameperson.world.look import look_row
from sameperson.world.mesh import Flags, Floats, normals
from sameperson.world.outfit import Outfit
from sameperson.world.raster import Skinned, ask_labels

COVERED_BY: dict[Layer, tuple[Layer, ...]] = {
    Layer.BODY: (Layer.LEGWEAR, Layer.SHOES, Layer.TOP, Layer.OUTER, Layer.SKIRT, Layer.TAILS, Layer.HAT),
    Layer.LEGWEAR: (Layer.TOP, Layer.OUTER, Layer.SKIRT, Layer.TAILS),
    Layer.SHOES: (Layer.LEGWEAR,),
    Layer.TOP: (Layer.OUTER,),
    Layer.SCALP: (Layer.HAT,),
}
MARGIN = {Layer.BODY: 5, Layer.SCALP: 4}
"""Edges of a covered piece that are kept inside the rim of what covers it; 2 where it is coarse."""
SHRINK = 0.008
"""Metres by which covered skin draws back."""
OPEN_RIM = 3
"""Edges from a cut within which the inside of a garment can be seen."""
COLUMNS = ("points", "normals", "place", "limb", "skin_index", "skin_weight", "triangles", "flags")
SOLID = (Layer.BODY, Layer.EYES)
"""Pieces without an inside."""
HANGING = (Layer.SKIRT, Layer.TAILS, Layer.TRESSES, Layer.SCARF)
"""Pieces whose inside can be seen anywhere."""


@dataclass(frozen=True, eq=False)
class Attachment:
    """What an accessory hangs on: a joint, a place (3,) on the rest body, and whether it keeps upright."""

    joint: int
    anchor: Floats
    upright: bool


@dataclass(frozen=True, eq=False)
class Dressed:
    """One person in one outfit. mesh: vertices follow joint j < J or, from J on, attachment j - J.

    joints: (J, 3) rest; keypoint_moments: (23, J, 4), which turn joint transforms into keypoints of the posed body.
    """

    mesh: Skinned
    joints: Floats
    keypoint_moments: Floats
    attachments: tuple[Attachment, ...]


def keypoint_moments(body: Body, rest: Floats) -> Floats:
    """(K, J, 4): the sum over joints of transform (3, 4) @ moment is the keypoint regressor on the skinned body."""
    index, weight = body.keypoint_index, body.keypoint_weight
    corners = np.concatenate([rest[index], np.ones((*index.shape, 1), np.float32)], -1)
    parts = weight[..., None, None] * body.skin_weight[index][..., None] * corners[:, :, None]
    moments = np.zeros((len(index), len(body.bones), 4), np.float32)
    point = np.broadcast_to(np.arange(len(index))[:, None, None], parts.shape[:3])
    np.add.at(moments, (point, body.skin_index[index]), parts)
    return moments


def remaining(look: NDArray, piece: Garment, place: Floats, limb: Floats) -> tuple[Flags, Flags]:
    """Which triangles of a piece show somewhere (T,) and which are cut (T,), asked at seven points of each."""
    corners = piece.patch.triangles
    weights = np.array([(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.5, 0.5, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (1 / 3,) * 3])
    asked = [np.einsum("sk,tkd->tsd", weights, values[corners]).astype(np.float32) for values in (place, limb)]
    there = ask_labels(look, piece.layer, *(values.reshape(-1, values.shape[-1]) for values in asked)) != 0
    there = there.reshape(len(corners), len(weights))
    return there.any(1), ~there.all(1)


def hidden(
    look: NDArray, piece: Garment, covers: tuple[Layer, ...], place: Floats, limb: Floats
) -> tuple[Flags, Flags]:
    """Which vertices of a piece lie under another (N,), and which lie so deep under it that nothing shows them (N,)."""
    covered = np.zeros(len(place), bool)
    for layer in covers:
        covered |= ask_labels(look, layer, place, limb) != 0
    return covered, ~piece.patch.grow(~covered, MARGIN.get(piece.layer, 2))


class Assembly:
    """Pieces put together into one mesh."""

    def __init__(self, body: Body, look: NDArray) -> None:
        self.body, self.look = body, look
        self.columns: dict[str, list[NDArray]] = {name: [] for name in COLUMNS}
        self.count = 0

    def append(self, **columns: NDArray) -> None:
        """A run of vertices with its triangles, numbered from 0."""
        columns["triangles"] = columns["triangles"] + self.count
        for name, values in columns.items():
            self.columns[name].append(values)
        self.count += len(columns["points"])

    def piece(self, piece: Garment, covers: tuple[Layer, ...]) -> None:
        """The part of a piece that can be seen."""
        patch, points = piece.patch, piece.points
        place, limb = self.body.template[patch.source], limbs(self.body)[patch.source]
        outward = normals(points, patch.triangles)
        covered, deep = hidden(self.look, piece, covers, place, limb)
        if piece.layer == Layer.BODY:
            points = points - SHRINK * outward * covered[:, None]
        shows, cut = remaining(self.look, piece, place, limb)
        cut_corners = np.zeros(len(place), bool)
        cut_corners[patch.triangles[cut]] = True
        rim = patch.grow(cut_corners, OPEN_RIM)[patch.triangles].any(1) | (piece.layer in HANGING)
        flags = int(piece.layer) | np.where(cut, CUT, 0) | np.where(rim & (piece.layer not in SOLID), TWO_SIDED, 0)
        keep = shows & ~deep[patch.triangles].all(1)
        used, renumbered = np.unique(patch.triangles[keep], return_inverse=True)
        source = patch.source[used]
        self.append(
            points=points[used],
            normals=outward[used],
            place=place[used],
            limb=limb[used],
            skin_index=self.body.skin_index[source],
            skin_weight=self.body.skin_weight[source],
            triangles=renumbered.reshape(-1, 3),
            flags=flags[keep],
        )

    def attach(self, things: list[Accessory]) -> tuple[Attachment, ...]:
        """Accessories, each with a joint of its own after the body's."""
        attachments = []
        for thing in things:
            count = len(thing.points)
            joint = len(self.body.bones) + len(attachments)
            attachments.append(Attachment(self.body.bone(thing.bone), thing.anchor, thing.upright))
            self.append(
                points=thing.points,
                normals=normals(thing.points, thing.triangles),
                place=thing.points,
                limb=np.tile(np.array([0, 0, 0, 1], np.float32), (count, 1)),
                skin_index=np.full((count, 4), joint),
                skin_weight=np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
                triangles=thing.triangles,
                flags=np.full(len(thing.triangles), int(thing.layer)),
            )
        return tuple(attachments)

    def mesh(self) -> Skinned:
        """Everything so far."""
        joined = {name: np.concatenate(parts) for name, parts in self.columns.items()}
        for name, values in joined.items():
            joined[name] = values.astype(np.int32 if name in ("skin_index", "triangles", "flags") else np.float32)
        return Skinned(**joined, look=self.look)


def nearest_skin(body: Body, rest: Floats) -> Spot:
    """Finds the place on someone's skin that lies nearest to a place on the template."""
    skin = shell(body, SKIN).source

    def spot(place: tuple[float, float, float]) -> Floats:
        return rest[skin[np.argmin(((body.template[skin] - np.asarray(place)) ** 2).sum(1))]]

    return spot


def dress(body: Body, identity: Identity, outfit: Outfit) -> Dressed:
    """Dress someone. It takes some 50 ms; keep the result for all pictures of that person in that outfit."""
    with torch.no_grad():
        bare = body.rest(torch.from_numpy(np.asarray(identity.betas, np.float32))[None])
        joints = body.joints(bare)[0].numpy()
    rest = bare[0].numpy()
    look = look_row(identity, outfit)
    covers = dict(COVERED_BY)
    if outfit.shoes.top > BOOTS:
        covers |= {Layer.LEGWEAR: (*covers[Layer.LEGWEAR], Layer.SHOES), Layer.SHOES: ()}
    pieces, back = garments(body, rest, identity, outfit, look)
    skin, eyes = shell(body, SKIN), shell(body, EYES)
    pieces += [Garment(Layer.BODY, skin, rest[skin.source]), Garment(Layer.EYES, eyes, rest[eyes.source])]
    assembly = Assembly(body, look)
    for piece in pieces:
        assembly.piece(piece, covers.get(piece.layer, ()))
    attachments = assembly.attach(accessories(identity, outfit, nearest_skin(body, rest), back))
    return Dressed(assembly.mesh(), joints, keypoint_moments(body, rest), attachments)
