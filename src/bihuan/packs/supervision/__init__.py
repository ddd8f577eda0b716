"""Supervision: accountability, supervised matters and works that mend a problem at its root."""
