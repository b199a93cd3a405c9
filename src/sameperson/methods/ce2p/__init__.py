"""CE2P, context embedding with edge perceiving (Ruan et al., AAAI 2019)."""
