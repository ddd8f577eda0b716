"""12345 hotline: citizens' matters from intake and dispatch to call-back, evaluation and redo."""
