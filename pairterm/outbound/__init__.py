"""The way from here to a gateway on another machine, for a host and for a guest who joins alike."""
