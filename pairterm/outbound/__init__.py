"""Connections to a gateway on another machine, for a host and for `pairterm join`."""
