"""What builds, sets up and scans the project."""
