"""The citizen without an account: reporting, following, in plain words."""
