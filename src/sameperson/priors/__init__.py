"""What is known of a picture beside its labels: keypoints, parsing, masks, faces.

`opening.open_priors` opens those that a recipe asks for; `beside.beside` says where they lie.
"""
