"""Names in answers: what every reference is called, filled in once an answer is made."""
