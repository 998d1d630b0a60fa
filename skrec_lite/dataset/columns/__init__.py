"""Which column of a table is what: guess it, and apply the choice."""
