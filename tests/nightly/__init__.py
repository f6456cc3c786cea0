"""Long checks, run by `make nightly` as root: packages in clean Debian roots that a real systemd has booted."""
