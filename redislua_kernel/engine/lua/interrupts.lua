-- Interrupts: the hook asks now and then; a script that is to stop is stopped again at every further
-- instruction, so that no pcall survives.
--
-- host:
--   poll()          -> true once the running script is to stop; else after how many instructions
--                      to ask again
--   killed_text()   -> the error of a stopped script
--   answer          -> what a command may have left: see calls.lua
--   memory, sandbox -> what these files returned

local host = ...

local error, getinfo, sethook, gethook = error, debug.getinfo, debug.sethook, debug.gethook
local sandbox, memory, poll = host.sandbox, host.memory, host.poll
local state = sandbox.state

local POLL_EVERY = 10000
local poll_every = POLL_EVERY
local hook

-- `level` is that of what runs, seen from the caller; `anywhere`: also in the midst of our code.
local function stop(level, anywhere)
  state.killed = true
  sethook(hook, "", 1)
  -- Our own code is let through: it is on its way out to the script or to Python.
  local running = getinfo(level + 1, "Sf")
  if anywhere or running.source ~= "=sandbox" or state.stoppable[running.func] then
    error({ err = host.killed_text() }, 0)
  end
end

memory.stop = stop

local function look()
  if memory.is_full or poll() == true then
    stop(2)
  end
end

-- For who has a hook in the place of ours.
local function look_at_all()
  if memory.is_full or memory.is_too_much() or poll() == true then
    stop(2)
  end
end

-- Where each instruction takes long, as one that searches a long text, it asks after fewer of them.
function hook()
  if memory.is_full then
    stop(2)
    return
  elseif memory.is_too_much() then
    stop(2, true)
  end
  local wish = poll()
  if wish == true then
    stop(2)
  elseif wish ~= POLL_EVERY or poll_every ~= POLL_EVERY then
    poll_every = wish
    if gethook() == hook then -- a debugger that has just come has its own
      sethook(hook, "", wish)
    end
  end
end

local function revive()
  state.killed, memory.is_full = false, false
  host.answer[1] = nil -- what was stopped may have left it
  sandbox.restart_hook()
end

state.look, state.look_at_all, state.hook = look, look_at_all, hook
sandbox.set_hook(hook, "", POLL_EVERY)

return { revive = revive }
