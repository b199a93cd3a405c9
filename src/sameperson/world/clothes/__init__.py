"""Clothes of synthetic people: garments, colours, outfits and wardrobes."""
