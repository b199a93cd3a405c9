"""Methods: one folder for each paper, with its options, losses and embedding; `build_method` makes one by its name."""
