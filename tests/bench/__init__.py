"""`make bench`: what the pages of a day cost beside an empty page and beside bare Django pages of the same size."""
