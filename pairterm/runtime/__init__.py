"""The parts with I/O that host, gateway and command line share: links on sockets, live views, processes, logs."""
