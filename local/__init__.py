"""AWS on one machine: an emulator, and what it lacks or does otherwise than AWS."""
