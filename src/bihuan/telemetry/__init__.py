"""Devices that measure: readings taken once, limits with hysteresis, episodes beyond a limit. It knows no field."""
