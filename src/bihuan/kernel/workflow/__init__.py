"""Workflow: what may follow? Frozen values in pure Python, checked when built. Reaches no Django."""
