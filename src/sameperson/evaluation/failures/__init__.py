"""Failure analysis: what makes a picture hard, and how accuracy depends on it."""
