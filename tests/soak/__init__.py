"""`make soak`: many teachers save the same registers at once through gunicorn; nothing may be lost or doubled."""
