"""The hall: tickets, who is called next, screens, the kiosk, and the manager's view of it."""
