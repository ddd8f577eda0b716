"""The seat: a call written down, suggested for, dispatched; and the calls themselves."""
