"""Datasets that are published as annotations of films: cut out of the films here."""
