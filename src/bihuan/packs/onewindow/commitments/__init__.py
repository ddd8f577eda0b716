"""告知承诺 afterwards: what was decided on somebody's word is looked at within a term; an untrue word ends the decision."""
