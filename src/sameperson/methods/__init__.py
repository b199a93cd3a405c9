"""Methods: one folder a paper, with its options, its losses and its embedding; `build_method` makes one by its name."""
