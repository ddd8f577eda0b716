"""The catalogue of items: codes, versions, materials, guides."""
