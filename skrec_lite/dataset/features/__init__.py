"""Turn columns into numbers that models and cosines can use."""
