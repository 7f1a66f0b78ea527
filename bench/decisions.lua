-- For wrk: one decision a request. Argument: the agent's key.
function init(args)
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = '{"tool":"bash","arguments":{"command":"ls -la /var/log && wc -l /var/log/syslog"},"session":"s1"}'
end
