"""Applications: taken in at the window, followed, evaluated."""
