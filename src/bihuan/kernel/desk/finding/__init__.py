"""Finding: search, similar cases side by side, the palette."""
