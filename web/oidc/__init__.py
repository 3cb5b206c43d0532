"""OpenID Connect: providers of identity, by which people sign in."""
