"""What the bench and the soak share: a database of their own, a school in it, gunicorn before it, and a client."""
