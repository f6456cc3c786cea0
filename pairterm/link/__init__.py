"""The protocol of a link: messages, framing, and the screen as a publisher and a replica.

A link is the connection between a host and a gateway, or between a host and a
terminal that attached. Start at `pairterm.link.messages`, which lists all messages.
"""
