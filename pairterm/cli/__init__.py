"""The commands: click at the edge, one file a group."""
