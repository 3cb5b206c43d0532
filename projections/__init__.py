"""projections: the read side of okr-es. Everything here can be thrown away and made anew."""
