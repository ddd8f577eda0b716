"""Themes (一业一证, 一链办理): one application of several items, whose approvals go side by side where none waits for another."""
