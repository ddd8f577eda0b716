"""What comes of an application on paper: issued in the step that makes it, revoked in the step that finds it untrue."""
