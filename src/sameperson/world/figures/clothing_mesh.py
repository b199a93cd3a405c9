"""Meshes of garments and hair: copies of the body's shells, each pushed outwards by the layers beneath it.

Only the normal part of the smoothing of a shell is kept (drifting sideways would scallop the hems), and a garment's
geometry reaches two edges past where the region function cuts it (or hems would be jagged).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import KDTree

from sameperson.world.body.mesh import Flags, Floats, Patch, normals
from sameperson.world.body.model import SKIRT, TIGHTS, Body
from sameperson.world.body.shells import head_shell, shell, smoothstep
from sameperson.world.clothes.outfit import Outfit, Skirt, Top
from sameperson.world.clothes.pieces import Layer
from sameperson.world.people.identity import Identity
from sameperson.world.render.uniforms import EARS_HIDDEN, WAIST

CLEARANCE = 0.004
"""Metres between the smoothed shell and the innermost garment."""
SNUG, HANGING = 8, 24
"""Rounds of smoothing for cloth that follows the legs, and for cloth that hangs from shoulders and chest."""
SECTORS, LEVELS = 24, 20
"""Number of sectors and of levels at which the girth of the trunk is measured."""
TAPER = 0.045
"""Metres by which falling cloth draws in from shoulders to hips."""
REACH = 2
"""Edges by which a garment's geometry reaches past its hems."""
BOOTS = -0.68
"""A shoe that reaches higher than this is a boot."""


Coverage = Mapping[Layer, Flags]
"""Which vertices (V,) of the body template the region function gives to each layer."""


@dataclass(frozen=True, eq=False)
class Garment:
    """A garment's mesh. points: (N, 3) in the rest pose, one for each vertex of `patch`."""

    layer: Layer
    patch: Patch
    points: Floats


class Tailor:
    """Builds the garments of one person from the inside out, and tracks how far clothes already stand off."""

    def __init__(self, body: Body, rest: Floats, worn: Coverage) -> None:
        self.body, self.rest, self.worn = body, rest, worn
        self.tights = shell(body, TIGHTS)
        self.drape(SNUG)
        self.stack = np.full(len(self.surface), CLEARANCE, np.float32)
        self.pieces: list[Garment] = []

    def drape(self, rounds: int) -> None:
        """Build all further garments on the tights shell with its hollows bridged, moved along its normals only.

        Hollows next to the hanging arms stay, as a bridge would be in the arms' way.
        """
        points = self.rest[self.tights.source]
        outward = normals(points, self.tights.triangles)
        shift = ((self.tights.smooth(points, rounds) - points) * outward).sum(1)
        x, _, z = self.template(self.tights).T
        armpit = smoothstep(0.10, 0.15, np.abs(x)) * smoothstep(0.22, 0.32, z)
        if rounds == SNUG:
            shift = np.clip(shift, -0.004, 0.05 - 0.046 * armpit)
        else:
            shift = np.clip(np.maximum(shift, self.fall(points, outward)), 0.0, 0.07 - 0.066 * armpit)
            shift = self.tights.smooth(shift[:, None], 3)[:, 0]
        # shoulders bulge when arms are lowered from the rest pose
        shift = shift - 0.010 * smoothstep(0.13, 0.17, np.abs(x)) * smoothstep(0.41, 0.46, z)
        self.surface = points + outward * shift[:, None]
        # smoothed, so that directions do not cross in a deep fold
        outward = self.tights.smooth(normals(self.surface, self.tights.triangles), 4)
        self.outward = outward / np.linalg.norm(outward, axis=1, keepdims=True)

    def fall(self, points: Floats, outward: Floats) -> Floats:
        """Metres (N,) that cloth falling straight from chest, shoulder blades and belly stands off the trunk.

        Around the trunk, by direction, cloth keeps the greatest girth above it less a little for every metre it falls.
        """
        place = self.template(self.tights)
        trunk = (self.body.arm[self.tights.source] < 0.3) & (place[:, 2] > -0.12) & (place[:, 2] < 0.46)
        x, y = points[:, 0], points[:, 1]
        away = y - y[trunk].mean()
        girth = np.hypot(x, away)
        sector = np.round(np.arctan2(x, -away) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
        level = np.clip(((0.46 - place[:, 2]) / 0.58 * LEVELS).astype(int), 0, LEVELS - 1)
        widest = np.zeros((LEVELS, SECTORS))
        np.maximum.at(widest, (level[trunk], sector[trunk]), girth[trunk])
        widest = np.maximum(widest, np.maximum(np.roll(widest, 1, 1), np.roll(widest, -1, 1)) - 0.012)
        for k in range(1, LEVELS):
            widest[k] = np.maximum(widest[k], widest[k - 1] - TAPER / LEVELS)
        level_with = outward[:, 0] * x + outward[:, 1] * away
        facing = np.clip(level_with / np.maximum(girth, 1e-6), 0.0, 1.0)
        off = np.where(trunk, np.clip(widest[level, sector] - 0.012 - girth, 0.0, 0.07) * facing, 0.0)
        return self.tights.smooth(off[:, None], 5)[:, 0]

    def template(self, patch: Patch) -> Floats:
        """The template coordinates (N, 3) of a patch's vertices."""
        return self.body.template[patch.source]

    def covered(self, layer: Layer, patch: Patch) -> Flags:
        """Which vertices (N,) of a patch the region function gives to a layer."""
        return self.worn[layer][patch.source]

    def wear(self, layer: Layer, thickness: Floats | float, over: bool = True) -> None:
        """Put a garment over those worn so far; over: whether later garments must clear it."""
        worn = self.covered(layer, self.tights)
        reach = self.tights.dilate(worn, REACH)
        off = self.tights.smooth((self.stack + thickness)[:, None], 2)[:, 0]
        points = self.surface + self.outward * off[:, None]
        self.add(layer, self.tights, points, reach)
        if over:
            self.stack = np.where(worn, off, self.stack)

    def add(self, layer: Layer, patch: Patch, points: Floats, kept: Flags) -> None:
        """Add the part of a patch whose corners are all kept as a garment."""
        inside = patch.submesh(kept)
        if len(inside.triangles):
            self.pieces.append(Garment(layer, inside, points[np.searchsorted(patch.source, inside.source)]))

    def trousers(self, outfit: Outfit) -> None:
        """Add trousers, which hang wider towards the ankle."""
        if outfit.bottom is None:
            return
        z = self.template(self.tights)[:, 2]
        hang = 0.45 + 0.75 * smoothstep(0.05, -0.65, z)
        cuff = outfit.bottom.flare * smoothstep(-0.35, -0.75, z)
        self.wear(Layer.LEGWEAR, outfit.bottom.loose * hang + cuff)

    def shoes(self) -> None:
        """Add shoes: a smooth foot with a sole under it."""
        z = self.template(self.tights)[:, 2]
        before = len(self.pieces)
        self.wear(Layer.SHOES, 0.004 + 0.004 * smoothstep(-0.70, -0.78, z), over=False)
        shoe = self.pieces[before]
        lift = smoothstep(-0.785, -0.815, self.body.template[shoe.patch.source, 2])
        self.pieces[before] = replace(shoe, points=shoe.points - np.stack([0 * lift, 0 * lift, 0.010 * lift], 1))

    def top(self, layer: Layer, garment: Top | None) -> None:
        """Add a top, which stands off less on the arms and flares towards its hem."""
        if garment is None:
            return
        arm, z = self.body.arm[self.tights.source], self.template(self.tights)[:, 2]
        shoulder = smoothstep(0.11, 0.16, np.abs(self.template(self.tights)[:, 0])) * smoothstep(0.40, 0.47, z)
        thickness = garment.loose * np.where(arm > 0.5, 0.75, 1.0) * (1 - 0.5 * shoulder) + garment.flare * smoothstep(
            0.3, 0.0, z
        ) * (arm < 0.5)
        self.wear(layer, thickness)

    def skirt(self, layer: Layer, garment: Skirt | None, under_top: bool = False) -> None:
        """Add a skirt, which flares from the waist.

        It clears all that is worn at the hips, and a top over it clears the skirt.
        """
        if garment is None:
            return
        patch = shell(self.body, SKIRT)
        points = self.rest[patch.source]
        outward = normals(points, patch.triangles)
        z = self.template(patch)[:, 2]
        hips = np.abs(self.template(self.tights)[:, 2] - 0.08) < 0.06
        clear = float(np.median(self.stack[hips & (self.body.arm[self.tights.source] < 0.5)]))
        # the stack at the hips already holds the coat that tails belong to
        own = 0.002 if layer == Layer.TAILS else garment.loose
        off = own + clear + 0.012 * smoothstep(WAIST, -0.3, z)
        if layer == Layer.TAILS:  # knees come forward under a coat
            off = off + 0.02 * smoothstep(0.0, -0.3, z) * smoothstep(0.02, -0.06, self.template(patch)[:, 1])
        points = points + outward * off[:, None]
        if layer == Layer.TAILS:
            points = self.over(points)
        self.add(layer, patch, points, patch.dilate(self.covered(layer, patch), REACH))
        if under_top:
            self.clear(points)

    def over(self, points: Floats) -> Floats:
        """Lift points (N, 3) that lie under the garments so far onto them."""
        nearest = KDTree(self.surface).query(points)[1]
        height = ((points - self.surface[nearest]) * self.outward[nearest]).sum(1)
        worn = self.stack[nearest] > CLEARANCE
        lift = np.where(worn & (np.abs(height) < 0.08), np.maximum(self.stack[nearest] + 0.001 - height, 0), 0)
        return points + self.outward[nearest] * lift[:, None]

    def clear(self, points: Floats) -> None:
        """Make the next garments over the hips stand off at least as far as the nearest of these points."""
        hips = np.flatnonzero(np.abs(self.template(self.tights)[:, 2] - 0.05) < 0.15)
        apart = points[None] - self.surface[hips, None]
        nearest = (apart**2).sum(2).argmin(1)
        height = (apart[np.arange(len(hips)), nearest] * self.outward[hips]).sum(1)
        near = hips[height < 0.06]
        height = height[height < 0.06]
        self.stack[near] = np.maximum(self.stack[near], height + CLEARANCE)

    def hair(self, identity: Identity) -> None:
        """Add hair on the head as a thicker scalp, uneven where it curls."""
        patch = head_shell(self.body)
        place = self.template(patch)
        points = self.over_head(4 if identity.hair_volume < EARS_HIDDEN else 30)
        outward = normals(points, patch.triangles)
        hairy = self.covered(Layer.SCALP, patch)
        rounds = 4 + int(300 * identity.hair_volume)
        inward = np.clip(2 * patch.smooth(hairy[:, None].astype(np.float32), rounds)[:, 0] - 1, 0, 1)
        on_top = 0.75 + 0.5 * smoothstep(0.76, 0.84, place[:, 2])
        locks = np.sin(2.399963 * np.arange(len(points)) ** 2)  # the golden angle: as good as random, always the same
        curls = 0.09 * identity.cut.curl * identity.hair_volume * patch.smooth(locks[:, None], 1)[:, 0] * 3
        off = 0.003 + (identity.hair_volume * on_top + curls) * (0.1 + 0.9 * inward)
        points = points + outward * off.astype(np.float32)[:, None]
        self.add(Layer.SCALP, patch, points, patch.dilate(hairy, 1))

    def over_head(self, rounds: int) -> Floats:
        """The skin of the head with its hollows bridged by `rounds` of smoothing, as a base for hair and hats.

        It does not show the shape of the ears, and elsewhere it does not sink into the skin.
        """
        patch = head_shell(self.body)
        bare, place = self.rest[patch.source], self.template(patch)
        level = patch.smooth(bare, rounds)
        outward = normals(bare, patch.triangles)
        bridged = bare + outward * np.maximum(((level - bare) * outward).sum(1), 0)[:, None]
        ear = patch.smooth(((np.abs(place[:, 0]) > 0.074) & (place[:, 2] < 0.775))[:, None].astype(np.float32), 3)
        return (bridged + np.clip(2 * ear, 0, 1) * (level - bridged)).astype(np.float32)

    def hat(self, outfit: Outfit, hair_volume: float) -> None:
        """Add a cap, beanie or headscarf over flattened hair."""
        if outfit.headwear is None:
            return
        patch = head_shell(self.body)
        points, place = self.over_head(30 if outfit.headwear.kind == "headscarf" else 4), self.template(patch)
        off = 0.010 + 0.5 * min(hair_volume, 0.02) + 0.012 * smoothstep(0.78, 0.84, place[:, 2])
        if outfit.headwear.kind == "headscarf":
            off = off + 0.012 * smoothstep(0.72, 0.60, place[:, 2]) + 0.01 * smoothstep(-0.05, 0.03, place[:, 1])
        points = points + normals(points, patch.triangles) * off[:, None]
        self.add(Layer.HAT, patch, points, patch.dilate(self.covered(Layer.HAT, patch), 1))


def build_garments(
    body: Body, rest: Floats, identity: Identity, outfit: Outfit, worn: Coverage
) -> tuple[list[Garment], float]:
    """Build all garments and hair of a person; returns them and the metres that clothes stand off the upper back."""
    tailor = Tailor(body, rest, worn)
    boots_outside = outfit.shoes.top > BOOTS and (outfit.bottom is None or outfit.bottom.loose < 0.012)
    if not boots_outside:
        tailor.shoes()
    tailor.trousers(outfit)
    if boots_outside:
        tailor.shoes()
    tailor.skirt(Layer.SKIRT, outfit.skirt, under_top=outfit.top.kind != "dress")
    tailor.drape(HANGING)
    tailor.top(Layer.TOP, outfit.top)
    tailor.top(Layer.OUTER, outfit.outer)
    tailor.skirt(Layer.TAILS, outfit.tails)
    if outfit.bag is not None and outfit.bag.kind != "handbag":
        tailor.wear(Layer.STRAP, 0.006)
    tailor.hair(identity)
    tailor.hat(outfit, identity.hair_volume)
    back = np.abs(tailor.template(tailor.tights) - (0.0, 0.1, 0.40)).max(1) < 0.11
    bare = rest[tailor.tights.source]
    off = tailor.stack + ((tailor.surface - bare) * tailor.outward).sum(1)
    return tailor.pieces, float(np.quantile(off[back], 0.6))
