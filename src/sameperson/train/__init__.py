"""One visible loop and what it needs."""
