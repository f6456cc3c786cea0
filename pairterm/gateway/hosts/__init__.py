"""The hosts of a gateway: who may share, their links, and their sessions as the gateway keeps them."""
