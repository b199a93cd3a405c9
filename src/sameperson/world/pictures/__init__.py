"""Single pictures of people: scenes, crops, conditions and their annotations."""
