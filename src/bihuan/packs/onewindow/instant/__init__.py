"""秒批: what can be decided at once because every condition stands in a register, and what the registers know."""
