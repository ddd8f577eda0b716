"""The form of an item: asked at the window and on line, prefilled with what the city knows of the same applicant."""
