"""How fast the transform is, beside other ways to write it; only times of one run are compared."""
