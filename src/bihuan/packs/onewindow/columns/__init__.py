"""A catalogue with columns of its own: found out, changed by hand, kept by its source."""
