"""A stand-in QuickSight, and the checks of definitions that it shares with the tests."""
