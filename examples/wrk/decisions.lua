-- Decisions a second over HTTP: wrk -t2 -c64 -d10s --latency -s examples/wrk/decisions.lua $GATEHOUSE_URL
wrk.method = "POST"
wrk.path = "/v1/decisions"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("GATEHOUSE_KEY")
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"tool": "bash", "arguments": {"command": "ls -l"}, "session": "example"}'
