"""PRCC: cameras A and B show the same clothes, C others; folders by camera and person."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, running_numbers

CAMERAS = "ABC"


def write(world: WorldTree, out: Path) -> Splits:
    """Write `rgb/train`, `rgb/val` (each training person's last picture of camera A, not counted) and `rgb/test`."""
    numbers = running_numbers(world.rows)
    last = {row.pid: row for row in world.split("train") if row.camid == 0 and numbers[row] > 1}
    train = [row for row in world.split("train") if last.get(row.pid) != row]
    for row in world.split("train"):
        folder = "val" if last.get(row.pid) == row else "train"
        name = f"{CAMERAS[row.camid]}_cropped_rgb{numbers[row]:03d}.jpg"
        world.copy(row, out / "rgb" / folder / f"{row.pid:03d}" / name)
    for row in world.split("query", "gallery"):
        name = f"{row.pid:03d}/cropped_rgb{numbers[row]:03d}.jpg"
        world.copy(row, out / "rgb" / "test" / CAMERAS[row.camid] / name)
    return {"train": train, "query": world.split("query"), "gallery": world.split("gallery")}


MINIATURE = Miniature("prcc", write, {"labels": (), "condition": "clothes-abc", "cameras": 3, "outfits": 2})
