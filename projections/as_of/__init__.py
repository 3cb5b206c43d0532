"""The two clocks of a question, and rows as they were at a position."""
