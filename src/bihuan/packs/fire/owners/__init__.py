"""What the owner does himself: declare a project, apply and file, answer a notice, ask for a re-check."""
