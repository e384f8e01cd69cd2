"""What the answers cost: bytes at rest, bytes read and time, over months of events that are made here."""
