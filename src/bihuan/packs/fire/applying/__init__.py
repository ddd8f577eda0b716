"""Applications of a project: opened at the window or by the owner, answered by the owner, and what comes by the clock."""
