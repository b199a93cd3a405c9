"""Parameter-free spatial attention, PFSA (Wang et al., 2018)."""
