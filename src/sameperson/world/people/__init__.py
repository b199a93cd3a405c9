"""Identities of synthetic people: body shape, skin and hair."""
