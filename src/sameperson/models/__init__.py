"""Networks and their parts; they know tensors only."""
