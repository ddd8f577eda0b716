"""On-site evaluation (现场评定): an item's sheet in versions from several devices, photographs, signatures, and a conclusion with its reasons."""
