"""Sessions that another gateway of the service has: the link between the two gateways, and its ends."""
