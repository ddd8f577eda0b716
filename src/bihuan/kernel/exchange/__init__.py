"""Between centres: a superior's matter comes down, its answer goes up; signed, in order, once, whatever was down meanwhile."""
