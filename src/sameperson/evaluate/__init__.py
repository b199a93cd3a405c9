"""Embeddings and a protocol become numbers with intervals."""
