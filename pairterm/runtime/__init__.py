"""The asyncio side that host, gateway and command line share: links on sockets, live views, processes, logs."""
