"""Who may do and see what: roles, and the rights they give."""
