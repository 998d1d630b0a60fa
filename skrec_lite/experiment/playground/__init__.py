"""What if: other histories, own candidates, new items, with nothing trained."""
