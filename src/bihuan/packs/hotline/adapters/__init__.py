"""How the hotline speaks with other systems."""
