"""How gunicorn serves the portal; it reads this file where it is started. Options of the command line come after it."""

# No access log: it would hold names in queries. The portal writes a line a request itself (sptrack/request_log.py).
accesslog = None
control_socket_disable = True
# Who is a proxy is decided in one place, TRUSTED_PROXY_COUNT. By itself gunicorn believes whoever calls from this
# machine that a request came by HTTPS.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
