"""A simulated week of restaurant visits, and how they are sent."""
