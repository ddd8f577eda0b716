"""One case after another: whose turn it is, reviewing and calling back."""
