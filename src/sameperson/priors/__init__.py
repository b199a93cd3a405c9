"""What is known of a picture beside its labels: keypoints, parsing, masks."""
