"""Compiled inner loops and the threads that run them."""
