-- Sends prepared requests with wrk, each once: wrk ... -s send.lua URL -- PREFIX SIZE
--
-- The file PREFIX.N belongs to the thread N (from 0); its requests have SIZE bytes each.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  local size = tonumber(arguments[2])
  local file = assert(io.open(arguments[1] .. "." .. number, "rb"))
  prepared = {}
  while true do
    local request = file:read(size)
    if not request or #request < size then break end
    prepared[#prepared + 1] = request
  end
  file:close()
  sent = 0
end

function request()
  sent = sent + 1
  -- What is sent again would be answered as a duplicate. The process goes on until its time is over.
  if sent >= #prepared then wrk.thread:stop() end
  return prepared[math.min(sent, #prepared)]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("answers %d seconds %.3f p50 %.3f p99 %.3f refused %d broken %d\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
