"""A run becomes a page."""
