"""The scripts around a library call.

A script shows what the call gives to the last bit: numbers by 17 digits, tables in the order of
`pairs`. Texts are latin-1, one character a byte.
"""

from __future__ import annotations

from tests.differential.library_calls.values import Values

__all__ = ["SHOW", "Calls"]

SHOW = r"""
local function show(...)
  local out = {}
  local function put(v)
    local kind = type(v)
    if kind == 'number' then out[#out + 1] = string.format('%.17g', v)
    elseif kind == 'string' then out[#out + 1] = #v .. ':' .. v
    elseif kind == 'table' then
      local items, start, odd = {}, #out, false
      for key, item in pairs(v) do
        odd = odd or type(key) == 'table' or type(key) == 'string' and #key > 31
        put(key) out[#out + 1] = '=' put(item)
        items[#items + 1] = table.concat(out, '', start + 1)
        for place = start + 1, #out do out[place] = nil end
      end
      if odd then table.sort(items) end
      out[#out + 1] = '{' .. table.concat(items, ';') .. '}'
    elseif kind == 'function' then out[#out + 1] = kind
    else out[#out + 1] = tostring(v) end
  end
  for place = 1, select('#', ...) do put((select(place, ...))) out[#out + 1] = ' ' end
  return table.concat(out)
end
"""

#: How a script calls `@F`, which is `@L.@N`, with the arguments `@A`: each leaves other names and
#: lines in an error.
FORMS = r"""
return show(@F(@A))
return show(@F(@A))
return show(@F(@A))
return show(@F(@A))
return show(pcall(@F, @A))
return show(pcall(@F, @A))
local first = show(pcall(@F, @A)) return first .. show(pcall(@F, @A)) .. show(pcall(@F, @A))
pcall(@F, @A) pcall(@F, @A) return show(@F(@A))
pcall(@F, @A) return show(@F(@A))
return @F(@A)
return (@F(@A))
local alias = @F\nreturn show(alias(@A))
local alias = @F\nreturn alias(@A)
local alias = @F\nlocal function inner(...)\nreturn alias(...) end\nreturn show(inner(@A))
return show(pcall(function() return @F(@A) end))
return show(pcall(function(...)\n return (@F(...)) end, @A))
return show(@L:@N(@A))
return show(pcall(@L.@N, @L, @A))
local t = {go = @F} return show(t.go(@A))
local t = {@F} return show(t[1](@A))
return show(select('#', @F(@A)), @F(@A))
return show(xpcall(function() return @F(@A) end, function(e) return e end))
return show((string.gsub('xy', 'x', @F)))
return show(coroutine.wrap(function() return @F(@A) end)())
@F(@A) return 'done'
local ok, e = pcall(@F, @A) error(ok and 'no error' or e)
""".strip().splitlines()


class Calls(Values):
    """Writes random scripts that call one library; the same seed gives the same ones."""

    library: str

    def call(self) -> tuple[str, list[str]]:
        """Choose a function and its arguments, as Lua expressions."""
        raise NotImplementedError

    def comparable(self, function: str, arguments: list[str]) -> list[str]:
        """The arguments, without what makes a reply that cannot be read."""
        return arguments

    def preparation(self, function: str, arguments: list[str]) -> str:
        """What the script does first."""
        return ""

    def script(self) -> str:
        """Write a script."""
        function, arguments = self.call()
        if self.chance(0.04):
            arguments = [*arguments, self.value()]
        if self.chance(0.04):
            arguments = arguments[:-1]
        if self.chance(0.03) and arguments:
            arguments = [*arguments[:-1], self.oddity()]
        arguments = self.comparable(function, arguments)
        first = self.preparation(function, arguments)
        return SHOW + first + self._around(function, ", ".join(arguments))

    def _around(self, function: str, arguments: str) -> str:
        # No reply nests as deep as what a script may see.
        deep = ("[", "[1,", "{\\034a\\034:", "[{\\034x\\034:")
        is_deep = any(piece * 9 in arguments for piece in deep)
        form = (FORMS[0] if is_deep else self.choice(FORMS)).replace(r"\n", "\n")
        if not arguments:
            form = form.replace(", @A", "")
        form = form.replace("@F", f"{self.library}.{function}").replace("@L", self.library)
        return form.replace("@N", function).replace("@A", arguments)
