"""Ranked lists as data for a page (`ranked_lists`) and as a picture (`draw`).

A list is a query and its nearest gallery pictures; where labels are known, each is marked right or wrong, by colour
and by shape.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sameperson.data.readers.label_text import all_digits
from sameperson.images.decode import BrokenPicture, read_picture
from sameperson.types import JUNK, Ranking, Samples

PAPER, INK, FAINT, MAT = "#ffffff", "#1d2733", "#6b7785", "#eef1f4"
RIGHT, WRONG, LINE = "#16803c", "#c8302b", "#cbd3db"
PICTURE = (144, 288)
"""Width and height of a person's picture, in pixels."""
FRAME, GAP, MARGIN, PER_LINE, LEADING = 5, 20, 36, 10, 22
ABOVE, BELOW, BETWEEN = 32, 52, 30
"""Pixels above a picture for its rank, below it for its distance and name, and between two lines of pictures."""


@dataclass(frozen=True)
class Tile:
    """One picture in a ranked list.

    person: its label, None where unknown. rank: from 1, 0 for the query. probability: of being the query's person.
    same: whether it is, by the labels; None where they do not say.
    """

    file: Path
    person: str | None = None
    rank: int = 0
    distance: float | None = None
    probability: float | None = None
    same: bool | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.file.name


@dataclass(frozen=True)
class RankedList:
    """A query and what was found for it, nearest first."""

    query: Tile
    results: tuple[Tile, ...]


def ranked_lists(
    queries: Samples,
    gallery: Samples,
    ranking: Ranking,
    probability: Callable[[Any], Any] | None = None,
    rows: Sequence[int] | None = None,
) -> list[RankedList]:
    """The lists of the queries `rows` (all by default); `probability` maps distances (k,) to P(same) (k,).

    People are compared by the names the user gave them, because two readings may number them differently; where all
    names of both are plain digits, 7 and 007 are one person.
    """
    chosen = range(len(queries)) if rows is None else rows
    digits = all_digits(
        side.name_of(pid) for side in (queries, gallery) for pid in np.unique(side.pid[side.pid > JUNK])
    )
    return [_ranked_list(queries, gallery, ranking, probability, int(row), digits=digits) for row in chosen]


def _ranked_list(
    queries: Samples,
    gallery: Samples,
    ranking: Ranking,
    probability: Callable[[Any], Any] | None,
    row: int,
    *,
    digits: bool,
) -> RankedList:
    query = Tile(queries.file(row), _person(queries, row))
    found = ranking.indices[row] >= 0
    distances = ranking.distances[row][found]
    sure = [None] * len(distances) if probability is None else [float(p) for p in probability(distances)]
    results = []
    for place, index in enumerate(ranking.indices[row][found]):
        person = _person(gallery, index)
        same = None if query.person is None or person is None else _same(query.person, person, digits=digits)
        results.append(Tile(gallery.file(index), person, place + 1, float(distances[place]), sure[place], same))
    return RankedList(query, tuple(results))


def _same(one: str, other: str, *, digits: bool) -> bool:
    return one.lstrip("0") == other.lstrip("0") if digits else one == other


def _person(samples: Samples, row: int) -> str | None:
    pid = int(samples.pid[row])
    return None if pid == JUNK else samples.name_of(pid)


def draw(lists: Sequence[RankedList]) -> Image.Image:
    """All lists on one page: each query at the left, its results to the right in lines of ten."""
    width = MARGIN * 2 + _column(1 + min(PER_LINE, max(len(item.results) for item in lists))) + GAP
    heights = [_line_height() * max(1, -(-len(item.results) // PER_LINE)) for item in lists]
    note = _wrapped(_footnote(lists), width - 2 * MARGIN, 15)
    page = Image.new("RGB", (width, MARGIN * 2 + sum(heights) + LEADING * len(note)), PAPER)
    pen = ImageDraw.Draw(page)
    top = MARGIN
    for item, height in zip(lists, heights):
        _draw_tile(page, pen, item.query, MARGIN, top)
        divider = MARGIN + _column(1)
        pen.line((divider, top + ABOVE, divider, top + height - BELOW), fill=LINE, width=1)
        for place, tile in enumerate(item.results):
            line, column = divmod(place, PER_LINE)
            _draw_tile(page, pen, tile, MARGIN + _column(1 + column) + GAP, top + line * _line_height())
        top += height
    for number, text in enumerate(note):
        pen.text((MARGIN, top + LEADING * number), text, fill=FAINT, font=_font(15))
    return page


def thumbnail(file: Path, size: tuple[int, int] = PICTURE) -> Image.Image:
    """The picture in `file`, whole and in its proportions, on a mat of `size` (width, height)."""
    mat = Image.new("RGB", size, MAT)
    try:
        picture = Image.fromarray(read_picture(file))
    except BrokenPicture:
        # A list outlives its pictures: embeddings may be searched after the files have moved.
        pen = ImageDraw.Draw(mat)
        pen.text((size[0] / 2, size[1] / 2), "file not found", fill=FAINT, font=_font(15), anchor="mm")
        return mat
    scale = min(size[0] / picture.width, size[1] / picture.height)
    shape = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    picture = picture.resize(shape, Image.Resampling.LANCZOS)
    mat.paste(picture, ((size[0] - shape[0]) // 2, (size[1] - shape[1]) // 2))
    return mat


def _draw_tile(page: Image.Image, pen: ImageDraw.ImageDraw, tile: Tile, left: int, top: int) -> None:
    """One picture: rank and probability above, its frame and mark, distance and name below."""
    width, height = PICTURE
    right, bottom = left + width, top + ABOVE + height
    title = "query" if not tile.rank else str(tile.rank)
    pen.text((left, top + ABOVE - 11), title, fill=INK, font=_font(20), anchor="ls")
    if tile.probability is not None:
        pen.text((right, top + ABOVE - 11), percent(tile.probability), fill=INK, font=_font(18), anchor="rs")
    page.paste(thumbnail(tile.file), (left, top + ABOVE))
    colour = {True: RIGHT, False: WRONG, None: LINE}[tile.same]
    outside = FRAME if tile.same is not None else 1
    pen.rectangle(
        (left - outside, top + ABOVE - outside, right + outside - 1, bottom + outside - 1),
        outline=colour,
        width=outside,
    )
    if tile.same is not None:
        _draw_mark(pen, tile.same, right - 15, top + ABOVE + 15)
    below = bottom + 14
    if tile.distance is not None:
        pen.text((left, below), f"{tile.distance:.3f}", fill=INK, font=_font(17), anchor="lt")
    if tile.person is not None:
        called = f"person {tile.person}" if tile.person.isdigit() else tile.person
        person = fitted_text(called, width if tile.distance is None else width - 60, 15)
        side, anchor = (left, "lt") if tile.distance is None else (right, "rt")
        pen.text((side, below + 1), person, fill=INK if tile.distance is None else FAINT, font=_font(15), anchor=anchor)
    lines = tile.distance is not None or tile.person is not None
    pen.text((left, below + 23 * lines), fitted_text(tile.name, width, 13), fill=FAINT, font=_font(13), anchor="lt")


def _draw_mark(pen: ImageDraw.ImageDraw, same: bool, x: int, y: int) -> None:
    """A tick or a cross on a disc, for eyes that do not tell red from green."""
    pen.ellipse((x - 12, y - 12, x + 12, y + 12), fill=RIGHT if same else WRONG)
    strokes = [[(-5, 0), (-2, 4), (6, -5)]] if same else [[(-4, -4), (4, 4)], [(-4, 4), (4, -4)]]
    for stroke in strokes:
        pen.line([(x + dx, y + dy) for dx, dy in stroke], fill=PAPER, width=3, joint="curve")


def percent(probability: float) -> str:
    """A probability for people; certainty is not claimed.

    >>> percent(0.9999), percent(0.874), percent(0.001)
    ('>99 %', '87 %', '<1 %')
    """
    if probability > 0.99:
        return ">99 %"
    return "<1 %" if probability < 0.01 else f"{probability * 100:.0f} %"


def _footnote(lists: Sequence[RankedList]) -> str:
    """How to read what these lists show, and nothing that they do not."""
    tiles = [tile for one in lists for tile in one.results]
    lines = ["Distance: cosine, smaller is nearer."]
    if any(tile.probability is not None for tile in tiles):
        lines.append("Percent: how sure it is the same person, if half of all pairs were.")
    if any(tile.same is not None for tile in tiles):
        lines.append("Green tick: the same person by the labels; red cross: someone else.")
    return "  ".join(lines)


def _column(count: int) -> int:
    return count * (PICTURE[0] + GAP)


def _line_height() -> int:
    return ABOVE + PICTURE[1] + BELOW + BETWEEN


@lru_cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size=size)


def plain(text: str) -> str:
    """Text in the letters that Pillow's own font has: accents are dropped, other scripts become question marks.

    >>> plain("Zoë_李.jpg")
    'Zoe_?.jpg'
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return bare.encode("ascii", "replace").decode()


def fitted_text(text: str, width: int, size: int) -> str:
    """Text cut in its middle, because file names differ at their ends, until it fits."""
    font, text = _font(size), plain(text)
    if font.getlength(text) <= width:
        return text
    for keep in range(len(text) - 1, 1, -1):
        short = f"{text[: keep - keep // 2]}…{text[-(keep // 2) :]}"
        if font.getlength(short) <= width:
            return short
    return "…"


def _wrapped(text: str, width: int, size: int) -> list[str]:
    """Text in lines no wider than `width`."""
    font, lines = _font(size), [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip() if lines[-1] else word
        if font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
