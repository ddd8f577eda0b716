"""The documents of fire review under their official names: issued with the step that decides, printed, and verified by anybody."""
