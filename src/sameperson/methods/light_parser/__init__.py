"""A light parser for CPUs (ours)."""
