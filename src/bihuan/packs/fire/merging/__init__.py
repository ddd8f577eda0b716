"""Above the limits: construction permit, quality and safety supervision and the fire review in one application (S0)."""
