"""The strong baseline (Luo et al., 2019)."""
