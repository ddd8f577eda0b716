"""Scores, rankings and the decisions about them on the screen and on paper."""
