"""What the emulator's API Gateway lacks."""
