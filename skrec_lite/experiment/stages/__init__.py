"""The stages of one run, and the small steps between a recommender's answer and a figure."""
