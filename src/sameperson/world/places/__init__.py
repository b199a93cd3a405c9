"""Places where pictures are taken, their cameras, shadows and image degradations."""
