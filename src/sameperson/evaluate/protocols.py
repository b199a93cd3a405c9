"""Which gallery pictures count for a query: a value with a name, and the name goes with every number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.types import UNKNOWN, Samples

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Protocol:
    """Junk (pid -1) is always dropped from the gallery, distractors (pid 0) and other people always stay.

    across_cameras: also drop the query's own person in the query's own camera.
    clothes: what of the query's own person counts: all, only pictures in the query's clothes, or only in others.
    """

    name: str
    across_cameras: bool
    clothes: Literal["any", "same", "other"] = "any"

    def drops(self, queries: Samples, row: Rows, pictures: Samples, column: Rows) -> NDArray[np.bool_]:
        """Which pairs of a query `row` and a gallery picture `column` of one person do not count: (M,) each.

        Raises InputError where clothes decide and nobody wrote them down.
        """
        drop = np.zeros(len(row), bool)
        if self.across_cameras:
            drop = queries.camid[row] == pictures.camid[column]
        if self.clothes == "any":
            return drop
        worn, seen = queries.clothes_id[row], pictures.clothes_id[column]
        unknown = [
            str(samples.path[k])
            for samples, rows, clothes in ((queries, row, worn), (pictures, column, seen))
            for k in np.unique(rows[clothes == UNKNOWN])
        ]
        if unknown:
            more = ", ..." if len(unknown) > 3 else ""
            found = f"clothes unknown in {len(unknown)} pictures ({', '.join(unknown[:3])}{more})"
            then = "write them into labels.csv or the table you gave, or choose a protocol that is blind to clothes"
            raise InputError(found, f"a clothes_id for each picture, as protocol {self.name} wants", then)
        return drop | ((worn == seen) != (self.clothes == "same"))


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol("market1501", across_cameras=True),  # Zheng et al. 2015, Scalable Person Re-identification
        Protocol("camera_blind", across_cameras=False),  # where cameras are unknown
        # Qian et al. 2020, Long-Term Cloth-Changing Person Re-identification (LTCC), where they are called SC and CC
        Protocol("same_clothes", across_cameras=True, clothes="same"),
        Protocol("cross_clothes", across_cameras=True, clothes="other"),
    )
}
