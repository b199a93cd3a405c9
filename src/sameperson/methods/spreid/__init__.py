"""SPReID, human semantic parsing for re-ID (Kalayeh et al., CVPR 2018)."""
