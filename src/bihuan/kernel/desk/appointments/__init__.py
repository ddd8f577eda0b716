"""The day of a unit's bookings on the screen."""
