"""The demonstration's orders and the lives they lead, deterministic and made up."""
