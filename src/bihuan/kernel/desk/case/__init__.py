"""One case on one page: where it is, what can be done next and by whom, and everything that happened."""
