"""What is known of a picture beside its labels: keypoints, parsing, masks, faces.

`load.open_priors` opens those that a recipe asks for; `locations.find_priors` says where they lie.
"""
