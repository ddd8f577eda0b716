"""What blocks a project at a stage of its chain: an owner, a date, and a loop."""
