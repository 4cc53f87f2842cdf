-- Requests with a password at a bounded rate. Prints how many answers there were of each status, and wrk's own figures, as one line of JSON.
local authorization = os.getenv('AUTHORIZATION')
local pause = tonumber(os.getenv('PAUSE_MS'))
local paths = { '/1.jpg', '/5.png' }
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  counts = ''
  statuses = {}
  turn = 0
  wrk.headers['Authorization'] = authorization
end

function delay()
  return pause
end

function request()
  turn = turn + 1
  return wrk.format(nil, paths[turn % #paths + 1])
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
  local parts = {}
  for each, count in pairs(statuses) do
    table.insert(parts, each .. '=' .. count)
  end
  -- Between threads only plain values can be passed on.
  counts = table.concat(parts, ',')
end

done = function(summary, latency)
  local all = {}
  for _, thread in ipairs(threads) do
    for status, count in thread:get('counts'):gmatch('(%d+)=(%d+)') do
      all[status] = (all[status] or 0) + tonumber(count)
    end
  end
  local parts = {}
  for status, count in pairs(all) do
    table.insert(parts, string.format('"%s":%d', status, count))
  end
  local errors = summary.errors
  print(string.format(
    'RESULT {"statuses":{%s},"seconds":%.1f,"p50Ms":%.1f,"p99Ms":%.1f,"maxMs":%.1f,' ..
    '"broken":{"connect":%d,"read":%d,"write":%d,"timeout":%d}}',
    table.concat(parts, ','), summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.connect, errors.read, errors.write, errors.timeout))
end
