"""Which gallery pictures count for a query: a value with a name, and the name goes with every number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Protocol:
    """Junk (pid -1) is always dropped from the gallery, distractors (pid 0) always stay.

    across_cameras: also drop the query's own person in the query's own camera.
    """

    name: str
    across_cameras: bool


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol("market1501", across_cameras=True),  # Zheng et al. 2015, Scalable Person Re-identification
        Protocol("camera_blind", across_cameras=False),  # where cameras are unknown
    )
}
