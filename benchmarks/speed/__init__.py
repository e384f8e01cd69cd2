"""The transform beside other ways to write it: how long an event takes, and a cold start."""
