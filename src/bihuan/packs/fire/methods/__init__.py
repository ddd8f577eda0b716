"""What works, written down for other zones to use."""
