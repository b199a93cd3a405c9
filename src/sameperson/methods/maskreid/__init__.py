"""MaskReID, re-ID by a picture and its masked copy (Qi et al., 2018)."""
