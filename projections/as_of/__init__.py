"""The two clocks of a question, and rows as they held at a position."""
