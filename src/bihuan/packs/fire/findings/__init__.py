"""What is found wrong with a project, on a site or in an evaluation: each a case of `rectification`, in one list."""
