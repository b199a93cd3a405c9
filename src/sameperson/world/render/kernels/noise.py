"""Noise functions: each point always gets the same random value, in any order of evaluation."""

import warp as wp


@wp.func
def cell(x: int, y: int, z: int) -> float:
    """A random value in [0, 1] for a lattice cell."""
    h = wp.uint32(x) * wp.uint32(374761393) + wp.uint32(y) * wp.uint32(668265263) + wp.uint32(z) * wp.uint32(2147483647)
    h = (h ^ (h >> wp.uint32(13))) * wp.uint32(1274126177)
    h = h ^ (h >> wp.uint32(16))
    return float(h & wp.uint32(65535)) / 65535.0


@wp.func
def fade(x: float) -> float:
    """The cubic that interpolates from 0 to 1 with zero slope at both ends."""
    return x * x * (3.0 - 2.0 * x)


@wp.func
def noise(p: wp.vec3, seed: int) -> float:
    """Smooth value noise in [0, 1]; one lattice cell is one unit of `p`."""
    x = wp.floor(p[0])
    y = wp.floor(p[1])
    z = wp.floor(p[2])
    u = fade(p[0] - x)
    v = fade(p[1] - y)
    w = fade(p[2] - z)
    i = int(x)
    j = int(y)
    k = int(z) + seed * 131
    near = wp.lerp(
        wp.lerp(cell(i, j, k), cell(i + 1, j, k), u),
        wp.lerp(cell(i, j + 1, k), cell(i + 1, j + 1, k), u),
        v,
    )
    far = wp.lerp(
        wp.lerp(cell(i, j, k + 1), cell(i + 1, j, k + 1), u),
        wp.lerp(cell(i, j + 1, k + 1), cell(i + 1, j + 1, k + 1), u),
        v,
    )
    return wp.lerp(near, far, w)


@wp.func
def noise2(u: float, v: float, seed: int) -> float:
    """Smooth value noise in [0, 1] on a plane, at half the cost of `noise`."""
    x = wp.floor(u)
    y = wp.floor(v)
    s = fade(u - x)
    t = fade(v - y)
    i = int(x)
    j = int(y)
    return wp.lerp(
        wp.lerp(cell(i, j, seed), cell(i + 1, j, seed), s),
        wp.lerp(cell(i, j + 1, seed), cell(i + 1, j + 1, seed), s),
        t,
    )


@wp.func
def stripe(x: float, width: float, blur: float) -> float:
    """The share of a footprint `blur` wide around `x` that lies in the first `width` of each unit period."""
    f = x - wp.floor(x)
    edge = wp.max(blur, 1.0e-4)
    rise = wp.clamp(f / edge + 0.5, 0.0, 1.0)
    fall = wp.clamp((width - f) / edge + 0.5, 0.0, 1.0)
    wrap = wp.clamp((f - 1.0) / edge + 0.5, 0.0, 1.0)
    return wp.max(rise * fall, wrap)
