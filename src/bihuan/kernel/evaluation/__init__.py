"""Evaluation: call-back, grades, redo."""
