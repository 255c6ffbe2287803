-- Holds a new connection while no node is up, instead of refusing it.
-- Gonka's api dials again 10 s after it lost its node and ends itself when that one dial is refused; when it is held, the api
-- just waits. Its dial gives up after 45 s, so a hold ends a little earlier and leaves the refusal to the load balancer.
-- Loaded by haproxy.cfg with `lua-load`; called as `tcp-request content lua.hold BACKEND`.

local POLL_MS = 250
local LONGEST_MS = 40000

core.register_action("hold", { "tcp-req" }, function(txn, backend)
  local waited = 0
  while waited < LONGEST_MS and txn.f:nbsrv(backend) == 0 do
    core.msleep(POLL_MS)
    waited = waited + POLL_MS
  end
  if waited >= LONGEST_MS then
    txn:Warning("no node of " .. backend .. " came back within " .. LONGEST_MS / 1000 .. " s: the connection is refused\n")
  elseif waited > 0 then
    txn:Info("held a connection for " .. waited / 1000 .. " s until a node of " .. backend .. " was up\n")
  end
end, 1)
