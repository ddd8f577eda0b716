"""The dispatch directory and the matters it is about."""
