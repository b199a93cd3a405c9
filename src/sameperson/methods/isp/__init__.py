"""ISP: body parts from identity labels (Zhu et al., ECCV 2020)."""
