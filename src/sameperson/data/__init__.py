"""Pictures and labels become batches."""
