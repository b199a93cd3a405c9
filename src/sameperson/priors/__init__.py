"""Priors: what is known of a picture beside its labels, such as keypoints, parsing, masks and faces.

`load.open_priors` opens those that a recipe asks for; `locations.find_priors` finds where they lie.
"""
