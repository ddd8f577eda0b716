"""The demonstration: items of our own invention, and applications in every state."""
