"""The kernel: the closed loop, knowing no field."""
