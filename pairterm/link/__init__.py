"""The protocol between host, gateway and attached terminals: typed messages, framing, replicas."""
