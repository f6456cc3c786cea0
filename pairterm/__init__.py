"""Share one shell over plain ssh: sessions, a gateway, and the link between them."""

__version__ = "0.1.0"
