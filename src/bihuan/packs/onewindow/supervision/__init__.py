"""Electronic supervision (电子监察): yellow and red cards from clocks and ledger, answered by the unit, decided by another."""
