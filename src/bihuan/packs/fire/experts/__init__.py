"""Expert review of a special fire design: the register, the meeting, and what each expert said."""
