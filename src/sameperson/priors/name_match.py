"""How a prior's file names find the pictures they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from sameperson.types import Samples

SHARED = -1


@dataclass(frozen=True)
class RowsByName:
    """Picture name -> row.

    whole: by the path below the root. parts: by any end of that path that only one picture has: its name alone, or its
    path below a split's folder.
    """

    by_path: dict[str, int]
    by_ending: dict[str, int]

    def find(self, name: str) -> int | None:
        """The row that a prior calls `name`: a path, the end of one, or a longer path that ends in one.

        A name below a folder is not cut down to itself: another folder's picture may bear it.
        """
        name = name.replace("\\", "/")
        row = self.by_path.get(name, self.by_ending.get(name))
        while row is None and name.count("/") > 1:
            name = name.partition("/")[2]
            row = self.by_path.get(name)
        return row


def rows_by_name(samples: Samples, stem: bool = False) -> RowsByName:
    """The rows of pictures; stem: leave out the endings, as for `0001.png` that belongs to `0001.jpg`."""
    names = [str(path).replace("\\", "/") for path in samples.path.tolist()]
    if stem:
        names = [stem_of(name) for name in names]
    by_path = {name: row for row, name in enumerate(names)}
    by_ending: dict[str, int] = {}
    for row, name in enumerate(names):
        start = name.find("/") + 1
        while start:
            part = name[start:]
            by_ending[part] = SHARED if part in by_ending else row
            start = name.find("/", start) + 1
    for name in [name for name, row in by_ending.items() if row == SHARED]:
        del by_ending[name]
    return RowsByName(by_path, by_ending)


def stem_of(path: str) -> str:
    """A path without its ending.

    >>> stem_of("query/a.b.jpg"), stem_of("c.1/a"), stem_of("c/.hidden")
    ('query/a.b', 'c.1/a', 'c/.hidden')
    """
    dot, slash = path.rfind("."), path.rfind("/")
    return path[:dot] if dot > slash + 1 else path
