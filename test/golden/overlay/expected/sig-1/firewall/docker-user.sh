#!/bin/sh
# Written by gonka-ha for sig-1 of test-net: who may reach the ports of this deployment. Nothing here is applied by itself.
#   apply    sh /opt/gonka-ha/test-net/firewall/docker-user.sh     (again after every change and every reboot)
#   check    sh /opt/gonka-ha/test-net/firewall/docker-user.sh --check     (prints the rules; the counters say what was dropped)
#   remove   sh /opt/gonka-ha/test-net/firewall/docker-user.sh --remove
# Only connections to the ports below are dropped, and only those that go on to a container.
# Containers of this host are known by Docker's names for bridges (docker0, br-...); a network with a bridge name of its own is an outsider.
# Docker before version 28 lets machines on the same wire reach containers at the containers' own addresses, past these rules.
set -eu

chain=GONKA-HA-test-net

apply() {
  iptables -w -n -L DOCKER-USER >/dev/null 2>&1 || { echo "there is no chain DOCKER-USER: start Docker first, or use the rules for nftables" >&2; exit 1; }
  # The whole chain is replaced at once: there is no moment without it.
  iptables-restore -w --noflush <<'RULES'
*filter
:GONKA-HA-test-net - [0:0]
-A GONKA-HA-test-net -m conntrack --ctdir REPLY -j RETURN
COMMIT
RULES
  iptables -w -C DOCKER-USER -j "$chain" 2>/dev/null || iptables -w -I DOCKER-USER 1 -j "$chain"
}

remove() {
  while iptables -w -D DOCKER-USER -j "$chain" 2>/dev/null; do :; done
  iptables -w -F "$chain" 2>/dev/null || return 0
  iptables -w -X "$chain"
}

case ${1:-} in
  '') apply ;;
  --check) iptables -w -n -v -L "$chain" ;;
  --remove) remove ;;
  *) echo "usage: $0 [--check|--remove]" >&2; exit 64 ;;
esac
