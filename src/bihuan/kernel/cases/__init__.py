"""Cases: the loop itself. case_open, case_move, case_split and case_merge are the only writers."""
