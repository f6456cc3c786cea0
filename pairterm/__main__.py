"""`python -m pairterm` is `pairterm`."""

from pairterm.cli import main

main()
