"""The pages where a person's day begins: the handler's, the unit's, the head's, the supervisor's."""
