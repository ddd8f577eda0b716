"""The random draw (双随机、一公开): projects and inspectors by a recorded seed over a recorded list."""
