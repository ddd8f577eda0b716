"""Certificates on the screen and on paper."""
