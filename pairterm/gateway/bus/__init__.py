"""The ways between the gateways of one service: `bus.Bus`, among workers or over NATS."""
