"""The board of promises, and the sources' stories to be clicked through."""
