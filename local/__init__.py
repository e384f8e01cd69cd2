"""AWS on one machine: an emulator, and what it lacks or does otherwise than AWS.

Emulates: the services of the stack, on loopback; each module says which part.

Not covered: QuickSight, and what only a deployment shows: see docs/first-deployment.md.

Reference: the emulator's own documentation, https://github.com/ministackorg/ministack
"""
