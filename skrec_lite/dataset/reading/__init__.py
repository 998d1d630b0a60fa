"""Read tables from whatever a person hands over."""
