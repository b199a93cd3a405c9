"""Merge body, garments and accessories into one mesh without hidden triangles.

Triangles that the region function cuts away entirely are left out, and so are those that lie well inside another
garment: the mesh is cheaper to draw, and they cannot poke through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.world.body.mesh import Flags, Floats, compact_vertices, normals
from sameperson.world.body.model import Body
from sameperson.world.body.shells import limbs
from sameperson.world.clothes.pieces import Layer
from sameperson.world.figures.accessories import Accessory
from sameperson.world.figures.clothing_mesh import Coverage, Garment
from sameperson.world.render.kernels.zbuffer import CUT, TWO_SIDED
from sameperson.world.render.rasterizer import CoverageProbe, SkinnedMesh

COVERED_BY: dict[Layer, tuple[Layer, ...]] = {
    Layer.BODY: (Layer.LEGWEAR, Layer.SHOES, Layer.TOP, Layer.OUTER, Layer.SKIRT, Layer.TAILS, Layer.HAT),
    Layer.LEGWEAR: (Layer.TOP, Layer.OUTER, Layer.SKIRT, Layer.TAILS),
    Layer.SHOES: (Layer.LEGWEAR,),
    Layer.TOP: (Layer.OUTER, Layer.TAILS),
    Layer.SCALP: (Layer.HAT,),
}
CUT_LAYERS = tuple(layer for layer in Layer if Layer.LEGWEAR <= layer <= Layer.STRAP and layer != Layer.SCARF)
"""Layers that the region function cuts out of a shell."""
MARGIN = {Layer.BODY: 5, Layer.SCALP: 4}
"""Edges of a covered piece that are kept inside the rim of what covers it; 2 where it is coarse."""
SHRINK = 0.008
"""Metres by which covered skin is drawn inwards."""
PARTING = 0.06
"""Metres from the middle within which the legs can be seen between coat tails."""
OPEN_RIM = 3
"""Edges from a cut within which the inside of a garment can be seen."""
COLUMNS = ("points", "normals", "place", "limb", "skin_index", "skin_weight", "triangles", "flags")
SOLID = (Layer.BODY, Layer.EYES)
"""Layers whose inside is never seen."""
HANGING = (Layer.SKIRT, Layer.TAILS, Layer.TRESSES, Layer.SCALP, Layer.HAT)
"""Layers whose inside can be seen anywhere."""


@dataclass(frozen=True, eq=False)
class Attachment:
    """The attachment of an accessory: its joint, its place (3,) on the rest body, and whether it keeps upright."""

    joint: int
    anchor: Floats
    upright: bool


class MeshAssembly:
    """The mesh of a dressed person, assembled piece by piece."""

    def __init__(self, body: Body, probe: CoverageProbe, worn: Coverage) -> None:
        self.body, self.probe, self.worn = body, probe, worn
        self.columns: dict[str, list[NDArray]] = {name: [] for name in COLUMNS}
        self.count = 0

    def append(self, **columns: NDArray) -> None:
        """Append a run of vertices with its triangles, numbered from 0."""
        columns["triangles"] = columns["triangles"] + self.count
        for name, values in columns.items():
            self.columns[name].append(values)
        self.count += len(columns["points"])

    def piece(self, piece: Garment, covers: tuple[Layer, ...]) -> None:
        """Append the visible part of a piece; covers: the layers that hide what lies under them."""
        layer, patch, points = piece.layer, piece.patch, piece.points
        outward = normals(points, patch.triangles)
        covered = np.zeros(len(points), bool)
        for other in covers:
            covered |= self.hidden(other, layer)[patch.source]
        if layer == Layer.BODY:
            points = points - SHRINK * outward * covered[:, None]
        deep = ~patch.dilate(~covered, MARGIN.get(layer, 2)) if covered.any() else covered
        shows, cut = self.shown_triangles(piece)
        keep = shows & ~np.all(deep[patch.triangles], axis=1)
        flags = np.full(len(keep), int(layer)) | np.where(cut, CUT, 0)
        if layer not in SOLID:
            rim = np.zeros(len(points), bool)
            rim[patch.triangles[cut]] = True
            inside_seen = np.any(patch.dilate(rim, OPEN_RIM)[patch.triangles], axis=1) | (layer in HANGING)
            flags |= np.where(inside_seen, TWO_SIDED, 0)
        used, triangles = compact_vertices(patch.triangles[keep], len(points))
        source = patch.source[used]
        self.append(
            points=points[used],
            normals=outward[used],
            place=self.body.template[source],
            limb=limbs(self.body)[source],
            skin_index=self.body.skin_index[source],
            skin_weight=self.body.skin_weight[source],
            triangles=triangles,
            flags=flags[keep],
        )

    def hidden(self, layer: Layer, under: Layer) -> Flags:
        """Where (V,) on the body a layer hides another in any pose; coat tails part over the legs of a walker."""
        worn = self.worn[layer]
        if layer != Layer.TAILS or under == Layer.TOP:
            return worn
        return worn & (self.body.template[:, 1] > 0) & (np.abs(self.body.template[:, 0]) > PARTING)

    def shown_triangles(self, piece: Garment) -> tuple[Flags, Flags]:
        """Which triangles (T,) of a piece show somewhere and which (T,) are cut, tested at seven points of each."""
        corners = piece.patch.triangles
        if piece.layer in SOLID:
            return np.ones(len(corners), bool), np.zeros(len(corners), bool)
        at_corners = self.worn[piece.layer][piece.patch.source[corners]]
        asked = []
        for table in (self.body.template, limbs(self.body)):
            a, b, c = (table[piece.patch.source[corners[:, k]]] for k in range(3))
            asked.append(np.concatenate([(a + b) / 2, (b + c) / 2, (c + a) / 2, (a + b + c) / 3]))
        between = self.probe((piece.layer,), *asked)[0].reshape(4, -1)
        there = np.concatenate([at_corners.T, between])
        return np.any(there, axis=0), np.any(~there, axis=0)

    def attach(self, things: list[Accessory]) -> tuple[Attachment, ...]:
        """Append accessories, each with a joint of its own after the body's."""
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

    def mesh(self, look: NDArray) -> SkinnedMesh:
        """The mesh of all pieces so far; look: (1,) the row of `LookRow` that colours it."""
        joined = {name: np.concatenate(parts) for name, parts in self.columns.items()}
        for name, values in joined.items():
            joined[name] = values.astype(np.int32 if name in ("skin_index", "triangles", "flags") else np.float32)
        return SkinnedMesh(**joined, look=look)
