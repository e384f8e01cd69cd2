"""What `make scan` runs."""
