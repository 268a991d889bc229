"""What is measured about the networks and the data set, computed once and drawn by pages."""
