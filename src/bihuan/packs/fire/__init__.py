"""Fire (建设工程消防审验): design review, acceptance, filing with spot checks."""
