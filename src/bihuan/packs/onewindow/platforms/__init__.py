"""Other systems: applications that come from them, what they are told, and reviews that they bring."""
