"""What the networks read besides the lungs: films distorted, and films read by an expert."""
