"""Dressed people and obstacles as meshes that the renderer draws."""
