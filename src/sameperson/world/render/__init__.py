"""The renderer: a z-buffer rasteriser, its shading kernels and the exact labels of each pixel."""
