"""Rulings on conflicts between standards: made once, found again when a like project comes."""
