"""Which way a project takes: excluded, small works directly, others together with the construction permit."""
