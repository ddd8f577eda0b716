"""The packs: one folder a field of government. A folder with a pack.py is a pack."""
