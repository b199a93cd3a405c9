"""Evaluation protocols: which gallery pictures count for which query, as named values."""
