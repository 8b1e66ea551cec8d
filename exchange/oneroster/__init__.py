"""OneRoster CSV bundles, versions 1.1 and 1.2: roster and gradebook, read into the portal.

The way of a bundle: archive (zip → files), reading (files → rows), cells (each value by its rule), sessions, people
and classes (what the rows say together), gradebook (the same of the marks), portal and grading (what they say against
the database), planning (what differs), writing (one transaction). Whatever is wrong before writing is collected in
problems and reported together.
"""
