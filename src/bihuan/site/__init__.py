"""The site: settings, addresses, commands and the PostgreSQL supervisor. Knows everybody, is known by nobody."""
