"""A project's Lua files: scripts and libraries, what they include, and their names.

| file                        | what it is                                              |
|-----------------------------|---------------------------------------------------------|
| begins with `#!lua name=x`  | the library x                                           |
| `release.lua`               | the script release                                      |
| `release-2.lua`             | the script release, which takes two keys                |
| `queue/add.lua` in a folder | the script queue/add                                    |
| included by another         | a part of that; so is all in a folder called `includes` |

A line `--- @include "x"` or `-- $include(x.lua)` stands for the file x.lua beside the file, in the
folder that is loaded, or in `includes` there; once in a script, however often it is asked for.
"""

from __future__ import annotations

from redislua_kernel.projects.folder import read_path
from redislua_kernel.projects.scripts import NamedScripts
from redislua_kernel.projects.source import ProjectError, Source

__all__ = ["NamedScripts", "ProjectError", "Source", "read_path"]
