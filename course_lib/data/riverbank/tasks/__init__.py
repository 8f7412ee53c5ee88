"""Tasks made from stories and their meaning: what later lectures train on and ask about."""
