"""Who may do and see what, by roles and the rights they give; and who is signed in."""
