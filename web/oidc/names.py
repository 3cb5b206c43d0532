"""What is written of a session that began at a provider: `oidc:` and the provider's name."""

HOW, SEPARATOR = "oidc", ":"


def how_at(provider: str) -> str:
    """Return how somebody signed in at a provider."""
    return f"{HOW}{SEPARATOR}{provider}"
