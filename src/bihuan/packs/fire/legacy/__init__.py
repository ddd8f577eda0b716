"""Legacy projects: one programme run with the zone's own department, each project on its own route to a certificate."""
