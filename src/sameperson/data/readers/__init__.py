"""One dataset layout, one file."""
