"""Ready answers."""
