#!/bin/sh
# Written by gonka-ha for sen-2 of fleet: who may reach the ports of this deployment. Nothing here is applied by itself.
#   apply    sh /opt/gonka-ha/fleet/firewall/docker-user.sh     (again after every change and every reboot)
#   check    sh /opt/gonka-ha/fleet/firewall/docker-user.sh --check     (prints the rules; the counters say what was dropped)
#   remove   sh /opt/gonka-ha/fleet/firewall/docker-user.sh --remove
# Only connections to the ports below are dropped, and only those that go on to a container.
# Containers of this host are known by Docker's names for bridges (docker0, br-...); a network with a bridge name of its own is an outsider.
# Docker before version 28 lets machines on the same wire reach containers at the containers' own addresses, past these rules.
set -eu

chain=GONKA-HA-fleet

apply() {
  iptables -w -n -L DOCKER-USER >/dev/null 2>&1 || { echo "there is no chain DOCKER-USER: start Docker first, or use the rules for nftables" >&2; exit 1; }
  # The whole chain is replaced at once: there is no moment without it.
  iptables-restore -w --noflush <<'RULES'
*filter
:GONKA-HA-fleet - [0:0]
-A GONKA-HA-fleet -m conntrack --ctdir REPLY -j RETURN
# rpc of open-2: the entry point door sends users here; the entry point gate sends users here
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 26657 -s 10.0.0.11 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 26657 -s 10.0.0.14 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 26657 -j DROP
# rest of open-2: the entry point door sends users here; the entry point gate sends users here
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 1317 -s 10.0.0.11 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 1317 -s 10.0.0.14 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 1317 -j DROP
# rpc of open-6: the entry point door sends users here; the entry point gate sends users here
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 26757 -s 10.0.0.11 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 26757 -s 10.0.0.14 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 26757 -j DROP
# rest of open-6: the entry point door sends users here; the entry point gate sends users here
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 1417 -s 10.0.0.11 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 1417 -s 10.0.0.14 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 1417 -j DROP
# rpc of store-1: node-1, node-10, node-11, node-12, node-2, node-3, node-4, node-5, node-6, node-7, node-8, node-9, reader-1, reader-2, reader-3 and reader-4 ask it for a block to trust before a state sync
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 27057 -s 10.0.0.21 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 27057 -s 10.0.0.22 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 27057 -s 10.0.0.23 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 27057 -s 10.0.0.24 -j RETURN
-A GONKA-HA-fleet -p tcp -m conntrack --ctorigdst 10.0.0.12 --ctorigdstport 27057 -j DROP
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
