"""What can be booked for a time: a window, a room, an inspector. One booking at a time, which the database itself demands.

A unit's resources and the dated changes of their hours are data; the base is the office hours of the working calendar.
Citizens book by number and code without an account; packs call `services.booking_make` for a case. What is personal of a
booking lies beside the ledger, in the stream `booking:<id>`, and is erased after so many days.
"""
