"""What an office issues at the end of a case: numbered without gaps, signed, on paper with a code that anybody can check,
and held by a register in which it is suspended, revoked or replaced.

A pack declares its kinds (`Pack.certificates`) and calls `services.certificate_issue` and the others in the transaction of
the step that does it: in its writer around `case_move`, or in `follow`. Each certificate has a stream of its own in the
ledger, `certificate:<id>`, in which a salted commitment stands for everything that is personal.
"""
