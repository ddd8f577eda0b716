"""Numbering: which one? Numbers without gaps or duplicates, their formats as data."""
