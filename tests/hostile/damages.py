"""Damages: what can be wrong with a file or a folder, each drawn from a generator of random numbers.

A damage takes a copy of a sound input and changes it in place; it returns a word for the report.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import random
import shutil
import socket
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

Damage = Callable[[Path, random.Random, Sequence[Path]], str]
"""The path to change, the draws, and other sound inputs that may take its place."""

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1, 2**31, 2**63, 10**30, 1e300, math.nan, math.inf, -math.inf, "", " ", "x", "../x", "\0",
    "1_11", "٣", "nan", [], {}, [[]], [None], {"": None}, "x" * 5000, [0] * 5000, 0.5,
)  # fmt: skip
"""What takes the place of a value in JSON and YAML."""
CELLS = (
    "", " ", "-1", "0", "1e3", "nan", "9" * 400, "a\tb", "train", "val", "query", "gallery", '"', "\0", "\ufeff", "八",
    "../../etc/passwd", "/dev/zero", "C:\\a.jpg", "a" * 300, "1_11", "007", "-2", "2147483648",
)  # fmt: skip
"""What takes the place of a cell in a table or of a word in a list."""


def cut(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Cut a file short."""
    data = path.read_bytes()
    path.write_bytes(data[: draw.randrange(max(len(data), 1))])
    return "cut short"


def flipped(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Change some bytes, of the head or of the whole."""
    data = bytearray(path.read_bytes())
    reach = len(data) if draw.random() < 0.5 else min(len(data), 200)
    for _number in range(draw.choice((1, 2, 10, 100))):
        if reach:
            data[draw.randrange(reach)] = draw.randrange(256)
    path.write_bytes(data)
    return "bytes changed"


def noise(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Replace the whole by random bytes, zeros or nothing."""
    path.write_bytes(draw.choice((b"", b"\0" * 4096, draw.randbytes(3000), b"\xff" * 10, b"\n" * 500)))
    return "noise"


def joined(path: Path, draw: random.Random, others: Sequence[Path]) -> str:
    """Append another file, or repeat the file itself."""
    other = draw.choice([path, *(file for file in others if file.is_file())])
    path.write_bytes(path.read_bytes() + other.read_bytes()[: 1 << 20])
    return f"with {other.name} appended"


def swapped(path: Path, draw: random.Random, others: Sequence[Path]) -> str:
    """Put another kind of file under this name."""
    other = draw.choice([file for file in others if file.is_file()])
    shutil.copyfile(other, path)
    return f"really {other.name}"


def strange(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Put something there that is no regular file."""
    remove(path)
    kind = draw.choice(("pipe", "folder", "loop", "nowhere", "zero", "full", "null", "socket", "proc"))
    targets = {"loop": path, "nowhere": "nowhere", "zero": "/dev/zero", "full": "/dev/full", "null": "/dev/null"}
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket" and len(os.fsencode(path)) < 100:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(path))
    else:
        path.symlink_to(targets.get(kind, "/proc/self"))
    return f"a {kind}"


def gone(path: Path, _: random.Random, __: Sequence[Path]) -> str:
    """Remove it."""
    remove(path)
    return "missing"


def huge(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Make a file far larger than it says, without using the disk."""
    with path.open("r+b") as file:
        file.truncate(draw.choice((1 << 31, 1 << 36)))
    return "huge and hollow"


def edited_json(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Change values, names and depth of JSON, or the text around it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for _number in range(draw.choice((1, 1, 2, 5))):
        content = edited(content, draw)
    text = json.dumps(content)
    return text_damage(path, text, draw)


def text_damage(path: Path, text: str, draw: random.Random) -> str:
    """Write a text as it is, or nested, encoded or ended as nobody expects."""
    kind = draw.choice(("edited",) * 6 + ("utf-16", "deep", "bom", "trailing"))
    if kind == "utf-16":
        path.write_bytes(text.encode("utf-16"))
    elif kind == "deep":
        path.write_text("[" * draw.choice((100, 100_000)) + text, encoding="utf-8")
    elif kind == "trailing":
        path.write_text(text + draw.choice(("}", "\0", ",", "{}")), encoding="utf-8")
    else:
        path.write_text(("\ufeff" if kind == "bom" else "") + text, encoding="utf-8")
    return kind


def edited(content: Any, draw: random.Random) -> Any:
    """Return JSON with one value replaced, removed, renamed or doubled, anywhere in it."""
    if isinstance(content, dict) and content and draw.random() < 0.9:
        name = draw.choice(list(content))
        kind = draw.choice(("inside",) * 4 + ("remove", "rename"))
        rest = {key: value for key, value in content.items() if key != name}
        if kind == "remove":
            return rest
        if kind == "rename":
            return {**rest, draw.choice((f"{name}x", "", name.upper())): content[name]}
        return {**content, name: edited(content[name], draw)}
    if isinstance(content, list) and content and draw.random() < 0.9:
        place = draw.randrange(len(content))
        if draw.random() < 0.3:
            return content[:place] + draw.choice(([], content[place:] * 2))
        return [*content[:place], edited(content[place], draw), *content[place + 1 :]]
    return draw.choice(VALUES)


def edited_yaml(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Change a recipe's values, or give it what YAML allows and nobody wants."""
    import yaml

    odd = (
        "a: &a [1,1]\n" + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefgh")),
        "!!python/object/apply:os.system ['true']\n",
        "name: x\nname: y\n",
        "extends: recipe.yaml\n",
        "extends: [a, b]\n",
        "- a\n- b\n",
        "data: {root: !!binary aGVsbG8=}\n",
        "optim: {lr: 0x10, epochs: 1e400}\n",
        "? [a, b]\n: c\n",
        "\t\tx: y\n",
    )
    if draw.random() < 0.4:
        path.write_text(draw.choice(odd), encoding="utf-8")
        return "odd YAML"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in draw.sample(("optim", "train", "sampler", "loss", "method", "evaluate", "backbone", "data"), 2):
        known = {"optim": "lr", "train": "epochs", "sampler": "people", "backbone": "name"}.get(name, "name")
        content[name] = draw.choice((*VALUES[:24], {known: draw.choice(VALUES[:24])}, {"x": 1}))
    return text_damage(path, yaml.safe_dump(content), draw)


def edited_table(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Change cells, columns and lines of a CSV or of a list."""
    text = path.read_text(encoding="utf-8")
    separator = "," if path.suffix == ".csv" else " "
    rows = list(csv.reader(text.splitlines(), delimiter=separator))
    kind = draw.choice(("cell",) * 4 + ("column", "line", "header", "double", "separator"))
    for _number in range(draw.choice((1, 3, 20))):
        row, column = draw.randrange(len(rows)), draw.randrange(len(rows[0]))
        if kind == "cell" and column < len(rows[row]):
            rows[row][column] = draw.choice(CELLS)
        elif kind == "line":
            rows.insert(row, draw.choice(([], [""], ["x"], rows[0], ["a"] * 40)))
        elif kind == "double":
            rows.append(list(rows[row]))
    if kind == "column":
        gone_column = draw.randrange(len(rows[0]))
        rows = [[cell for place, cell in enumerate(row) if place != gone_column] for row in rows]
    if kind == "header":
        rows[0] = draw.choice(([], [name.upper() for name in rows[0]], [rows[0][0]] * len(rows[0]), rows[0][::-1]))
    out = io.StringIO()
    csv.writer(out, delimiter=draw.choice(";\t|") if kind == "separator" else separator).writerows(rows)
    return f"{kind} of a table, {text_damage(path, out.getvalue(), draw)}"


def edited_store(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Change columns, types and metadata of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = pq.read_table(path)
    kind = draw.choice(("drop", "type", "null", "metadata", "empty", "double"))
    name = draw.choice(found.column_names)
    place = found.column_names.index(name)
    if kind == "drop":
        found = found.drop_columns([name])
    elif kind == "type":
        texts = pa.array([draw.choice(CELLS) for _number in range(len(found))])
        found = found.set_column(place, name, texts)
    elif kind == "null":
        found = found.set_column(place, name, pa.nulls(len(found), found.schema.field(name).type))
    elif kind == "metadata":
        told = {
            key: draw.choice((b"", b"{}", b"\xff", value[:-1])) for key, value in (found.schema.metadata or {}).items()
        }
        found = found.replace_schema_metadata(draw.choice((None, told)))
    elif kind == "empty":
        found = found.slice(0, 0)
    else:
        found = pa.concat_tables([found, found])
    pq.write_table(found, path)
    return f"Parquet, {kind} {name}"


def edited_weights(path: Path, draw: random.Random, _: Sequence[Path]) -> str:
    """Change the header of a safetensors file: its length, or what it says of its tensors."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    if draw.random() < 0.3:
        lie = draw.choice((0, 1, length - 1, length + 1, 2**40, 2**63, 2**64 - 1))
        path.write_bytes(lie.to_bytes(8, "little") + data[8:])
        return "length of the header"
    header = json.loads(data[8 : 8 + length])
    for _number in range(draw.choice((1, 3))):
        header = edited(header, draw)
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])
    return "header"


def in_folder(path: Path, draw: random.Random, others: Sequence[Path]) -> str:
    """Damage some files within a folder, or their names."""
    files = sorted(file for file in path.rglob("*") if file.is_file() and not file.is_symlink())
    if not files:
        return "an empty folder"
    kind = draw.choice(("files",) * 5 + ("name", "loop", "empty", "deep"))
    if kind == "empty":
        remove(path)
        path.mkdir()
    elif kind == "loop":
        draw.choice([path, draw.choice(files).parent]).joinpath("loop").symlink_to(path)
    elif kind == "deep":
        path.joinpath(*["d"] * 60).mkdir(parents=True)
    elif kind == "name":
        bad = os.fsdecode(
            draw.choice((b"\xff\xfe.jpg", b" .jpg", b"-1_c1s1_1_00.jpg", b"x" * 240 + b".jpg", b"a\nb.jpg"))
        )
        file = draw.choice(files)
        file.rename(file.with_name(bad))
    else:
        some = draw.sample(files, min(len(files), draw.choice((1, 3, len(files)))))
        said = {damaged(file, draw, others) for file in some}
        return f"{len(some)} files {'; '.join(sorted(said))[:100]}"
    return kind


ANY: tuple[Damage, ...] = (cut, flipped, noise, joined, swapped, strange, gone, huge)
"""Damages of any file."""
OWN: dict[str, tuple[Damage, ...]] = {
    ".json": (edited_json,) * 8,
    ".yaml": (edited_yaml,) * 8,
    ".csv": (edited_table,) * 8,
    ".txt": (edited_table,) * 8,
    ".parquet": (edited_store,) * 8,
    ".safetensors": (edited_weights,) * 8,
}
"""Damages of a file by its ending, which are drawn as often as all others together."""


def damaged(path: Path, draw: random.Random, others: Sequence[Path]) -> str:
    """Damage a copy of an input in place, and say how."""
    if path.is_dir():
        choices: tuple[Damage, ...] = (in_folder,) * 8 + (strange, gone)
    else:
        choices = ANY + OWN.get(path.suffix, ())
    chosen = draw.choice(choices)
    try:
        return chosen(path, draw, others)
    except (ValueError, LookupError, TypeError, AttributeError):  # a second damage finds what a first one left
        return noise(path, draw, others) if path.is_file() else "as it was"


def remove(path: Path) -> None:
    """Remove whatever lies at a path."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
