"""The JSON API: what the desk does, for other systems."""
