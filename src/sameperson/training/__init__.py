"""Training: one visible loop, and the optimisers, checkpoints and metrics that it needs."""
