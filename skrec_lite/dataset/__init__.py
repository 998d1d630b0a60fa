"""Read, check and encode interactions, items and users."""
