"""The desk on site: visits to a project, and questions that stay with it and are found again on like ones."""
