"""The processes that are timed, one module a library."""
