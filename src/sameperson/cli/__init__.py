"""One command, one file; heavy imports stay inside the commands."""
