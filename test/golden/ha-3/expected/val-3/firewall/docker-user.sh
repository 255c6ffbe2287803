#!/bin/sh
# Written by gonka-ha for val-3 of ha-three: who may reach the ports of this deployment. Nothing here is applied by itself.
#   apply    sh /opt/gonka-ha/ha-three/firewall/docker-user.sh     (again after every change and every reboot)
#   check    sh /opt/gonka-ha/ha-three/firewall/docker-user.sh --check     (prints the rules; the counters say what was dropped)
#   remove   sh /opt/gonka-ha/ha-three/firewall/docker-user.sh --remove
# Only connections to the ports below are dropped, and only those that go on to a container.
# Containers of this host are known by Docker's names for bridges (docker0, br-...); a network with a bridge name of its own is an outsider.
# Docker before version 28 lets machines on the same wire reach containers at the containers' own addresses, past these rules.
set -eu

chain=GONKA-HA-ha-three

apply() {
  iptables -w -n -L DOCKER-USER >/dev/null 2>&1 || { echo "there is no chain DOCKER-USER: start Docker first, or use the rules for nftables" >&2; exit 1; }
  # The whole chain is replaced at once: there is no moment without it.
  iptables-restore -w --noflush <<'RULES'
*filter
:GONKA-HA-ha-three - [0:0]
-A GONKA-HA-ha-three -m conntrack --ctdir REPLY -j RETURN
# p2p of node-3: sentries and other private nodes, and nobody else, are its peers
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26656 -s 10.0.0.11 -j RETURN
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26656 -s 10.0.0.12 -j RETURN
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26656 -s 10.0.0.13 -j RETURN
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26656 -s 10.0.0.21 -j RETURN
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26656 -s 10.0.0.22 -j RETURN
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26656 -j DROP
# rpc of node-3: the api manager reads it
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26657 -s 10.0.0.41 -j RETURN
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26657 -j DROP
# rest of node-3: the api manager reads it
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 1317 -s 10.0.0.41 -j RETURN
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 1317 -j DROP
# grpc of node-3: the api manager reads it
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 9090 -s 10.0.0.41 -j RETURN
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 9090 -j DROP
# privval of node-3: the node takes the first signer that connects, so only the signer of main may
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26658 -s 10.0.0.31 -j RETURN
-A GONKA-HA-ha-three -p tcp -m conntrack --ctorigdst 10.0.0.23 --ctorigdstport 26658 -j DROP
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
