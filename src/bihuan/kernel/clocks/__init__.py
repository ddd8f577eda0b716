"""By when: limits, the working calendar, pauses and extensions."""
