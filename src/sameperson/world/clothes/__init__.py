"""What synthetic people wear: garments, colours, outfits and wardrobes."""
