"""The text model: words, training, judging, and which one is in force."""
