"""Answers: who is this, are these two the same."""
