"""A site of its own under load while its processes are killed: `./dev soak [MINUTES]`."""
