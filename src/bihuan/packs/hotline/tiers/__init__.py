"""Orders between centres: what goes with them and what comes of it."""
