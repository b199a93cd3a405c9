"""Matches the file names of a prior to the pictures that they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from sameperson.types import Samples

SHARED = -1


@dataclass(frozen=True)
class RowsByName:
    """The rows of pictures by their names: name -> row.

    by_path: by the path below the root. by_ending: by any end of that path that only one picture has, such as its file
    name alone or its path below a split's folder.
    """

    by_path: dict[str, int]
    by_ending: dict[str, int]

    def find(self, name: str) -> int | None:
        """Find the row of a picture by a prior's `name`: its path, an end of it, or a longer path that ends in it.

        A path is never cut down to its bare file name, since a picture of another folder may have that name.
        """
        name = name.replace("\\", "/")
        row = self.by_path.get(name, self.by_ending.get(name))
        while row is None and name.count("/") > 1:
            name = name.partition("/")[2]
            row = self.by_path.get(name)
        return row


def rows_by_name(samples: Samples, stem: bool = False) -> RowsByName:
    """Index the rows of pictures by name; stem: leave out the endings, as for `0001.png` that belongs to `0001.jpg`."""
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
    """Return a path without its ending.

    >>> stem_of("query/a.b.jpg"), stem_of("c.1/a"), stem_of("c/.hidden")
    ('query/a.b', 'c.1/a', 'c/.hidden')
    """
    dot, slash = path.rfind("."), path.rfind("/")
    return path[:dot] if dot > slash + 1 else path
