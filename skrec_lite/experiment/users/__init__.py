"""One user across both stages: whom to look at, what was found, and why."""
