"""Films of people who walk about a place with several cameras."""
