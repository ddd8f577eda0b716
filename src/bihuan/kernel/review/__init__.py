"""Review: levels of review, as policy."""
