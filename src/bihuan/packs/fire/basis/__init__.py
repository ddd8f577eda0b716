"""The rules that the section works by, each with its basis, and which of them nobody has verified."""
