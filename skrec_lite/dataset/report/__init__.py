"""Look over data: figures, findings, and what each means for two-stage retrieval."""
