"""OSNet checkpoints as their authors published them (Zhou et al., ICCV 2019)."""
