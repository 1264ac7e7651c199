#!/bin/sh
# alert.sh NODE PROJECT ROUNDS, in namespaces of its own (unshare -mun): what mon's alert takes where there is no IPVS, with
# the tests' stand-in for ipvsadm. Prints lines `WHAT MILLISECONDS`.

set -eu
node=$1 project=$2 rounds=$3
many=50

mkdir -p /var/lib
for folder in /run /var/lib /proc/sys/net /tmp; do mount -t tmpfs tmpfs "$folder"; done
hostname midas
ip link add eth0 type veth peer name wire0
ip addr add 192.168.45.23/24 dev eth0
ip link set eth0 up
ip link set wire0 up
mkdir -p /run/bin /proc/sys/net/ipv4/vs
for setting in expire_nodest_conn expire_quiescent_template; do echo 1 >/proc/sys/net/ipv4/vs/$setting; done
cp "$project/tap-tests/support/ipvsadm.sh" /run/bin/ipvsadm
# There is no /proc/net/ip_vs: it is taken for there.
cat >/run/ip-vs.cjs <<'END'
const files = require('node:fs/promises');
const { lstat } = files;
files.lstat = (path, ...rest) => lstat(path === '/proc/net/ip_vs' ? '/proc/self/stat' : path, ...rest);
END
printf '#!/bin/sh\nexec "%s" --require /run/ip-vs.cjs "%s/dist/main.js" "$@"\n' "$node" "$project" >/run/bin/lvsctl
printf '#!/bin/sh\n' >/run/bin/logger
chmod 755 /run/bin/*
PATH=/run/bin:$PATH
export PATH FAKE_IPVS=/run/fake

cat >/run/lvs.yaml <<'END'
version: 1
checker: mon
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
services:
END
n=0
while [ $n -lt $many ]; do
  echo "  - { address: 192.168.45.26, port: $((1000 + n)), servers: [ 192.168.45.13, 192.168.45.43 ] }" >>/run/lvs.yaml
  n=$((n + 1))
done
lvsctl apply -f /run/lvs.yaml >/run/applied 2>&1 || { cat /run/applied >&2; exit 1; }

now() { date +%s%N | cut -c1-13; }
# measure WHAT COMMAND...
measure() {
  what=$1
  shift
  start=$(now)
  "$@"
  echo "$what $(($(now) - start))"
}
empty() { "$node" --require /run/ip-vs.cjs /run/empty.cjs; }
: >/run/empty.cjs
ipvsadm_alone() {
  for _ in 1 2; do
    ipvsadm -Sn >/dev/null
    ipvsadm -Ln --thresholds >/dev/null
    ipvsadm -Ln --timeout >/dev/null
  done
  echo '-e -t 192.168.45.26:1000 -r 192.168.45.43:1000 -g -w 1' | ipvsadm -R
}
# alert KIND N
alert() {
  echo 192.168.45.13 | MON_ALERTTYPE=$1 "$project/templates/mon/lvs.alert" -s tcp -g "web_$2" -h 192.168.45.13 \
    -t "$(date +%s)" "192.168.45.26:$((1000 + $2))/tcp" "192.168.45.13:$((1000 + $2))" >/dev/null 2>&1
}
together() {
  at=0
  while [ $at -lt $many ]; do
    "$@" $at &
    at=$((at + 1))
  done
  wait
}
# has N: so many servers are in the table
has() {
  found=$(ipvsadm -Sn | grep -c '^-a')
  [ "$found" -eq "$1" ] || { echo "the table has $found servers, and not $1" >&2; exit 1; }
}

while [ "$rounds" -gt 0 ]; do
  rounds=$((rounds - 1))
  measure empty empty
  measure ipvsadm ipvsadm_alone
  measure alert alert failure 0
  has $((2 * many - 1))
  alert up 0
  measure empties together empty
  measure many together alert failure
  has $many
  together alert up
  has $((2 * many))
done
