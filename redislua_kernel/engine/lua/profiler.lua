-- The profiler's side of Lua: how often each line began, and on which line time passes.
--
-- Loaded when a state is profiled for the first time.
--
-- host:
--   debug   -> the stock library
--   sandbox -> what sandbox.lua returned

local host = ...

local getinfo, sandbox = host.debug.getinfo, host.sandbox
local look = sandbox.state.look

-- In instructions. From sample to sample it varies: else it would keep step with a loop.
local SAMPLE_EVERY, VARIED_BY, POLL_EVERY = 500, 1000, 10000

-- By line, from 0 on, for the lines that have code. Only the chunk that is profiled has these
-- lines: what loadstring makes is counted with them, for to tell it apart would cost too much.
local hits, samples = {}, {}
local chunk = ""

local on_event
local random = 1

-- A generator of its own: scripts have the other one.
local function wait_for_next()
  random = random * 16807 % 2147483647
  if not sandbox.state.killed then
    sandbox.set_hook(on_event, "l", SAMPLE_EVERY + random % VARIED_BY)
  end
end

function on_event(event, line)
  if event == "line" then
    local count = hits[line]
    if count then
      hits[line] = count + 1
    end
    return
  end
  look()
  local info = getinfo(2, "Sl")
  local count = info.source == chunk and samples[info.currentline]
  if count then
    samples[info.currentline] = count + 1
  end
  wait_for_next()
end

return {
  attach = wait_for_next,
  begin = function(name, hits_by_line, samples_by_line)
    chunk, hits, samples = name, hits_by_line, samples_by_line
  end,
  detach = function()
    sandbox.set_hook(sandbox.state.hook, "", POLL_EVERY)
  end,
}
