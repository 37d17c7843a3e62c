-- Writes into an error where it was raised. A script sees this when that fails.
--
-- The file is the chunk "@err_handler_def", as the reference names its handler: an error that a metamethod
-- raises here carries the position of the statement below that called it, line 10 or 11.

local source, line, err

local function write()

  err.source = source
  err.line = line
end

return function(raised, info)
  err, source, line = raised, info.source, info.currentline
  write()
end
