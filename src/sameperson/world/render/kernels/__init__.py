"""The renderer's device code, written in warp's subset of Python: one source for the CPU and for a GPU.

Only functions and kernels live here; `world.render.rasterizer` launches them. All kernels belong to one warp module, so
that they are compiled together, once per user, in a few seconds.
"""

MODULE = "sameperson.world"
