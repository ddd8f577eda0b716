"""Assignment: the one responsible unit; routing, objection, lead and assisting units."""
