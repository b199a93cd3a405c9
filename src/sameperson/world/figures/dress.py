"""Dress a person: an identity and an outfit become one mesh in the rest pose, to be posed and drawn many times.

numpy outside, torch inside the body.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from sameperson.world.body.mesh import Floats
from sameperson.world.body.model import EYES, SKIN, Body
from sameperson.world.body.shells import limbs, shell
from sameperson.world.clothes.outfit import Outfit
from sameperson.world.clothes.pieces import Layer
from sameperson.world.figures.accessories import SkinFinder, build_accessories
from sameperson.world.figures.clothing_mesh import BOOTS, Garment, build_garments
from sameperson.world.figures.long_hair import long_hair_mesh
from sameperson.world.figures.merge_mesh import COVERED_BY, CUT_LAYERS, Attachment, MeshAssembly
from sameperson.world.people.identity import Identity
from sameperson.world.render.rasterizer import CoverageProbe, SkinnedMesh
from sameperson.world.render.uniforms import look_row


@dataclass(frozen=True, eq=False)
class Dressed:
    """A dressed person. mesh: its vertices follow joint j < J or, from J on, attachment j - J.

    joints: (J, 3) rest; keypoint_moments: (23, J, 4), which turn joint transforms into keypoints of the posed body.
    """

    mesh: SkinnedMesh
    joints: Floats
    keypoint_moments: Floats
    attachments: tuple[Attachment, ...]


def keypoint_moments(body: Body, rest: Floats) -> Floats:
    """Compute keypoint moments (K, J, 4): summed over joints, transform (3, 4) @ moment is the posed keypoint."""
    index, weight = body.keypoint_index, body.keypoint_weight
    corners = np.concatenate([rest[index], np.ones((*index.shape, 1), np.float32)], -1)
    parts = weight[..., None, None] * body.skin_weight[index][..., None] * corners[:, :, None]
    moments = np.zeros((len(index), len(body.bones), 4), np.float32)
    point = np.broadcast_to(np.arange(len(index))[:, None, None], parts.shape[:3])
    np.add.at(moments, (point, body.skin_index[index]), parts)
    return moments


def skin_finder(body: Body, rest: Floats) -> SkinFinder:
    """Make a function that maps a point of the template to the nearest point of a person's skin."""
    skin = shell(body, SKIN).source

    def spot(place: tuple[float, float, float]) -> Floats:
        return rest[skin[np.argmin(((body.template[skin] - np.asarray(place)) ** 2).sum(1))]]

    return spot


def dress(body: Body, identity: Identity, outfit: Outfit) -> Dressed:
    """Dress a person in an outfit.

    It takes some 50 ms; keep the result for all pictures of that person in that outfit.
    """
    with torch.no_grad():
        bare = body.rest(torch.from_numpy(np.asarray(identity.betas, np.float32))[None])
        joints = body.joints(bare)[0].numpy()
    rest = bare[0].numpy()
    look = look_row(identity, outfit)
    covers = dict(COVERED_BY)
    if outfit.shoes.top > BOOTS:
        covers |= {Layer.LEGWEAR: (*covers[Layer.LEGWEAR], Layer.SHOES), Layer.SHOES: ()}
    probe = CoverageProbe(look)
    worn = dict(zip(CUT_LAYERS, probe(CUT_LAYERS, body.template, limbs(body)), strict=True))
    pieces, back = build_garments(body, rest, identity, outfit, worn)
    skin, eyes = shell(body, SKIN), shell(body, EYES)
    pieces += [Garment(Layer.BODY, skin, rest[skin.source]), Garment(Layer.EYES, eyes, rest[eyes.source])]
    assembly = MeshAssembly(body, probe, worn)
    for piece in pieces:
        assembly.piece(piece, covers.get(piece.layer, ()))
    falling = long_hair_mesh(body, rest, identity, back)
    if falling is not None:
        assembly.append(**falling)
    attachments = assembly.attach(build_accessories(identity, outfit, skin_finder(body, rest), back))
    return Dressed(assembly.mesh(look), joints, keypoint_moments(body, rest), attachments)
