"""The server's own room: connections, bodies, places, answers, each under a deadline."""
