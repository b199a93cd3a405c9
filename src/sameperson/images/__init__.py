"""Decode pictures, move their pixels, and read them ahead of their use."""
