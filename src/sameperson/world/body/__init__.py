"""The human body: its mesh, shape and pose."""
