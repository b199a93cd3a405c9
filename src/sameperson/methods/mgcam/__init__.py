"""MGCAM, the mask-guided contrastive attention model (Song et al., CVPR 2018)."""
