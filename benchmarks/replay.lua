-- Send the requests of a file in turn, which stand there whole with a zero byte between them, and say in JSON what was measured.
local requests, place = {}, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for request in (file:read("a") .. "\0"):gmatch("(.-)%z") do
    requests[#requests + 1] = request
  end
  file:close()
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format(
    '\n{"answers": %d, "microseconds": %d, "failures": %d, "p50": %d, "p99": %d}',
    summary.requests, summary.duration, failures, latency:percentile(50), latency:percentile(99)
  ))
end
