"""The steps from each version of the tables to the next; one that was released stays as it is."""
