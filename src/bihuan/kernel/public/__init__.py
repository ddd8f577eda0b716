"""What people without an account may do: follow a case by number and code, answer, evaluate. Bounded without puzzles."""
