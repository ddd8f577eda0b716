"""A report of a month: its sections, what scores tell, the page, the paper and the workbook."""
