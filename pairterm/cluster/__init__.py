"""The directory and the messages of several gateways that are one service: decisions only, no I/O and no clock."""
