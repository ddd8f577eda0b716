"""One-window service (一窗受理)."""
