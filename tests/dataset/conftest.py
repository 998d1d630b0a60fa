"""Hypothesis without a deadline: other work on the same cores must not fail a test."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None, max_examples=60)
settings.load_profile("unhurried")
