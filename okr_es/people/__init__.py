"""All that is personal and can be erased: names, e-mail, texts, client addresses."""
