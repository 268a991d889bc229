"""Cases → files that others read, and back."""
