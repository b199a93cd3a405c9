"""Label maps painted over their pictures: one picture's, or a sheet of many with a legend.

numpy for one picture; Pillow lays out the sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sameperson.evaluation.segmentation import nearest
from sameperson.priors.label_sets import IGNORED, Labels, LabelSet
from sameperson.report.ranked_lists import FAINT, INK, LINE, MARGIN, MAT, PAPER, fitted_text

Picture = NDArray[np.uint8]
SHARE = 0.5
"""How much of a painted pixel is its label's colour."""
TILE = (128, 256)
"""Width and height of one picture on a sheet, in pixels."""
SEAM, GAP, NAME, LEADING = 2, 18, 22, 26
"""Pixels: between a picture and its painted copies, between two pictures, under one for its name; a legend's line."""
SWATCH, WORD = 14, 14
"""Side of a legend's patch of colour, and the size of its words."""
WIDEST = 1640
"""Of a sheet, in pixels, unless one picture needs more."""


@dataclass(frozen=True)
class Shown:
    """A picture (h, w, 3) uint8 RGB and its maps, one of each set of the sheet; None where it has none."""

    name: str
    picture: Picture
    maps: tuple[Labels | None, ...]


def painted(picture: Picture, labels: Labels, of: LabelSet, share: float = SHARE) -> Picture:
    """A picture (h, w, 3) uint8 with its labels' colours mixed in; the background stays as it is.

    labels: at any size, brought to the picture's by nearest neighbour; 255 is left unpainted too.
    """
    large = nearest(labels, picture.shape[:2])
    colours = np.zeros((256, 3), np.float32)
    colours[: len(of.labels)] = of.palette
    mixed = (1 - share) * picture + share * colours[large]
    seen = ((large != 0) & (large != IGNORED))[..., None]
    return np.where(seen, np.rint(mixed), picture).astype(np.uint8)


def sheet(shown: Sequence[Shown], sets: Sequence[LabelSet], heads: Sequence[str], share: float = SHARE) -> Image.Image:
    """Every picture beside its painted copies, under each its name; below all, what the colours mean.

    sets: of the maps, in their order; heads: what each kind of maps is called.
    """
    block = (1 + len(sets)) * TILE[0] + len(sets) * SEAM
    columns = max(1, min(len(shown), (WIDEST - 2 * MARGIN + GAP) // (block + GAP)))
    lines = -(-len(shown) // columns)
    used = [_used(shown, number) for number in range(len(sets))]
    width = 2 * MARGIN + max(columns * (block + GAP) - GAP, 420)
    legends = [_legend(head, of, there, width) for head, of, there in zip(heads, sets, used, strict=True)]
    tall = TILE[1] + NAME
    height = 2 * MARGIN + lines * (tall + GAP) + sum(LEADING * len(legend) for legend in legends)
    page = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(page)
    for place, one in enumerate(shown):
        line, column = divmod(place, columns)
        left, top = MARGIN + column * (block + GAP), MARGIN + line * (tall + GAP)
        for copy, picture in enumerate(_copies(one, sets, share)):
            page.paste(picture, (left + copy * (TILE[0] + SEAM), top))
        pen.text((left, top + TILE[1] + 6), fitted_text(one.name, block, 12), fill=FAINT, font=_font(12), anchor="lt")
    top = MARGIN + lines * (tall + GAP)
    for legend in legends:
        for entries in legend:
            _write(pen, entries, top)
            top += LEADING
    return page


def _copies(one: Shown, sets: Sequence[LabelSet], share: float) -> list[Image.Image]:
    """The picture and its painted copies, each on a mat of a tile's size."""
    height, width = one.picture.shape[:2]
    scale = min(TILE[0] / width, TILE[1] / height)
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    large = np.asarray(Image.fromarray(one.picture).resize(shape, Image.Resampling.LANCZOS))
    copies = [large]
    copies += [large if labels is None else painted(large, labels, of, share) for labels, of in zip(one.maps, sets)]
    return [_on_mat(copy) for copy in copies]


def _on_mat(picture: Picture) -> Image.Image:
    mat = Image.new("RGB", TILE, MAT)
    mat.paste(Image.fromarray(picture), ((TILE[0] - picture.shape[1]) // 2, (TILE[1] - picture.shape[0]) // 2))
    return mat


def _used(shown: Sequence[Shown], number: int) -> list[int]:
    """The labels that any map of a kind has, but for the background and 255."""
    maps = [one.maps[number] for one in shown]
    there = {int(label) for labels in maps if labels is not None for label in np.unique(labels)}
    return sorted(there - {0, IGNORED})


@dataclass(frozen=True)
class Entry:
    """A word of a legend, where it begins, and the colour it explains."""

    word: str
    left: int
    colour: tuple[int, int, int] | None = None


def _legend(head: str, of: LabelSet, used: Sequence[int], width: int) -> list[list[Entry]]:
    """What the colours of a set mean, in lines no wider than the page."""
    font, indent = _font(WORD), 2
    head = fitted_text(head, width // 3, WORD)
    lines, left = [[Entry(head, MARGIN)]], MARGIN + int(font.getlength(head)) + GAP
    start = left
    for number in used:
        word = of.labels[number]
        step = SWATCH + 3 * indent + int(font.getlength(word)) + GAP
        if left + step - GAP > width - MARGIN:
            lines.append([])
            left = start
        lines[-1].append(Entry(word, left, of.colours[number]))
        left += step
    return lines


def _write(pen: ImageDraw.ImageDraw, entries: Sequence[Entry], top: int) -> None:
    for entry in entries:
        left = entry.left
        if entry.colour is not None:
            pen.rectangle((left, top, left + SWATCH - 1, top + SWATCH - 1), fill=entry.colour, outline=LINE)
            left += SWATCH + 6
        pen.text((left, top + SWATCH // 2), entry.word, fill=INK, font=_font(WORD), anchor="lm")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)
