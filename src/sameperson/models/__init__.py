"""Networks and their parts: backbones, necks, pooling, weights files. They know tensors only."""
