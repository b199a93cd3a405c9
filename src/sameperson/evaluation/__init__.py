"""Evaluation: embeddings and a protocol become CMC, mAP and mINP with confidence intervals."""
