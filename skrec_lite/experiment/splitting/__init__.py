"""What the models may see and what they are measured on, and the check that nothing leaks."""
