"""Simulated restaurant visits, and how they are sent."""
