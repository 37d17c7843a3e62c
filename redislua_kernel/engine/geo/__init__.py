"""Places on the earth: as the scores of a sorted set, how far apart, and which lie in a shape.

A place is kept as a 52-bit integer (`places`). Distances are those of a sphere (`distances`). A
search reads the members of a few cells of a grid (`cells`), and leaves out those that lie outside
its circle or box (`shapes`). Constants and roundings are those of the reference: results agree to
the last bit. Nothing here knows of keys.
"""

from redislua_kernel.engine.geo.cells import spans_covering
from redislua_kernel.engine.geo.distances import distance, spot_of
from redislua_kernel.engine.geo.places import LATITUDE, LONGITUDE, Place, decode, encode, to_text
from redislua_kernel.engine.geo.shapes import Box, Circle, Found, Shape

__all__ = [
    "LATITUDE",
    "LONGITUDE",
    "Box",
    "Circle",
    "Found",
    "Place",
    "Shape",
    "decode",
    "distance",
    "encode",
    "spans_covering",
    "spot_of",
    "to_text",
]
