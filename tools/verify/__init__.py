"""Shows on a deployed stack, step by step, that AWS does with it what this project's tests expect."""
