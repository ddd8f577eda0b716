"""Watching over the site: whether it lives and is ready, its figures, its log, and what an IT officer asks."""
