"""What a comparison says: where items are lost, how certain differences are, and in which words."""
