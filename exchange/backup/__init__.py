"""The whole school as one sealed file, and back: on either database, and from one to the other."""
