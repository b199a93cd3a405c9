"""timm's networks as ours want them: one map, at 1/16 of the picture, and no hub unless asked."""

from __future__ import annotations
