"""Orders from files: ours, others', and the published ones that test the clocks."""
