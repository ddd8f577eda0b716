"""Boards: charts over the cases of a pack, from each mark to the cases behind it, live, and on a large screen."""
