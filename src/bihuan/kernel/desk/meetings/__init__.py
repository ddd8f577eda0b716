"""Meetings on the screen, and their minutes on paper."""
