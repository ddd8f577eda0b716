"""Meetings settle what forms cannot: the agenda is drawn from live cases, decisions become cases with an owner and a date."""
