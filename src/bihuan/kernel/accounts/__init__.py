"""Accounts: log-in, one's own account, and the screens of the three administrators."""
