"""Search and comparison: who is this, and are these two the same person."""
