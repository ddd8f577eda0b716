"""Worklists: what is asked for, counted, kept under a name, exported, and done to many at once."""
