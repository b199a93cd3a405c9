"""Reads datasets, examines them, and turns pictures and labels into batches."""
