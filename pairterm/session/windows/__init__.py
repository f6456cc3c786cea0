"""The windows of a session and their panes. Pure: no I/O, no clock."""
