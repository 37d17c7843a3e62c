"""Access control: who may do what, and the log of what was refused.

selector    one set of rights, to commands, keys and channels, and the check of a call
users       users with their passwords and selectors, and the rules that change them
log         what was refused: ACL LOG, and INFO's counts
"""

from __future__ import annotations

from redislua_kernel.engine.acl.log import AccessLog
from redislua_kernel.engine.acl.selector import Denial, KeyPattern, Selector
from redislua_kernel.engine.acl.users import User, Users

__all__ = ["AccessLog", "Denial", "KeyPattern", "Selector", "User", "Users"]
