"""Where pictures are taken: places, their cameras and what cameras do to a picture."""
