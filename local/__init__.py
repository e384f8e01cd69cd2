"""The whole stack on one machine: an AWS emulator, the three things it lacks, and traffic to fill it."""
