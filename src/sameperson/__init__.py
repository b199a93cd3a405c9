"""sameperson finds a person again: across cameras, days, poses, occlusions and changes of clothes."""

__version__ = "0.1.0"
