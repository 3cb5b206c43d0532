"""Every command of the API as a command of the command line, made from its address and schema."""
