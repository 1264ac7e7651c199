#!/bin/sh
# Stands in for ipvsadm 1.31 and the kernel's table where there is no ip_vs, and refuses what they refuse: what does
# not parse ends -R with the lines before it applied, what the kernel refuses is said and the next line follows; the
# exit status is that of the last line. The table is in the folder FAKE_IPVS, what was called in its file log; lines
# that match the expression in its file refuse are refused.

folder=${FAKE_IPVS:-/var/lib/fake-ipvs}
mkdir -p "$folder"
touch "$folder/table" "$folder/daemons" "$folder/log" "$folder/refuse"
echo "ipvsadm $*" >>"$folder/log"

# shellcheck disable=SC2016  # the $1 in it are awk's
engine='
function say(text) { print text | "cat >&2" }
function wrong(text) { say(text); say("Try ipvsadm -h for more information."); return 2 }
function refuse(text) { say(text); return 255 }
function endpoint(text) { return text ~ /^([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+|\[[0-9a-f:]+\]):[0-9]+$/ }
function number(text, least, most) { return text ~ /^[0-9]+$/ && text + 0 >= least && text + 0 <= most }
function port(text) { sub(/.*:/, "", text); return text }
function host(text) { sub(/:[0-9]+$/, "", text); return text }

function parse(  i, o, v) {
  key = kind = server = method = tunnel = flags = mask = engine = ""
  scheduler = "wlc"; weight = 1; upper = lower = timeout = once = 0
  if ($0 ~ /^[[:blank:]]*(#|$)/) return wrong("unexpected argument " $1)
  if ($1 == "--set") return NF == 4 && number($2, 0, 1e9) && number($3, 0, 1e9) && number($4, 0, 1e9) ? 0 : wrong("--set option requires 3 timeout values")
  if ($1 !~ /^-[AEDaedCZ]$/) return wrong("invalid option " $1)
  for (i = 2; i <= NF; i++) {
    o = $i; v = $(i + 1)
    if (o ~ /^(-t|-u|--sctp-service)$/) { if (key != "" || !endpoint(v)) return wrong("illegal virtual server address[:port] specified"); key = o " " v; kind = o; i++ }
    else if (o == "-f") { if (key != "" || !number(v, 1, 4294967295)) return wrong("invalid fwmark value " v " specified"); key = o " " v; kind = o; i++ }
    else if (o == "-6") { if (kind != "-f") return wrong("-6 used before -f"); key = key " -6" }
    else if ($1 ~ /[AE]/ && o == "-s") { scheduler = v; i++ }
    else if ($1 ~ /[AE]/ && o == "-p") { if (!number(v, 1, 2678400)) return wrong("illegal timeout"); timeout = v; i++ }
    else if ($1 ~ /[AE]/ && o == "-M") { mask = v; i++ }
    else if ($1 ~ /[AE]/ && o == "-b") { flags = v; i++ }
    else if ($1 ~ /[AE]/ && o == "--pe") { engine = v; i++ }
    else if ($1 ~ /[AE]/ && o == "-o") once = 1
    else if ($1 ~ /[aed]/ && o == "-r") { if (!endpoint(v)) return wrong("illegal real server address[:port] specified"); server = v; i++ }
    else if ($1 ~ /[ae]/ && o ~ /^-[gim]$/) { if (method != "") return wrong("multiple forwarding options specified"); method = o }
    else if ($1 ~ /[ae]/ && o == "-w") { if (!number(v, 0, 65535)) return wrong("illegal weight specified"); weight = v; i++ }
    else if ($1 ~ /[ae]/ && o == "-x") { if (!number(v, 0, 4294967295)) return wrong("illegal u_threshold specified"); upper = v; i++ }
    else if ($1 ~ /[ae]/ && o == "-y") { if (!number(v, 0, 4294967295)) return wrong("illegal l_threshold specified"); lower = v; i++ }
    else if ($1 ~ /[ae]/ && o == "--tun-type") { if (v !~ /^(ipip|gre|gue)$/) return wrong("illegal tunnel type specified"); tunnel = tunnel " " o " " v; i++ }
    else if ($1 ~ /[ae]/ && o == "--tun-port") { if (!number(v, 1, 65535)) return wrong("illegal tunnel port specified"); tunnel = tunnel " " o " " v; i++ }
    else if ($1 ~ /[ae]/ && o ~ /^--tun-(no)?csum$/) tunnel = tunnel " " o
    else return wrong("unexpected argument " o)
  }
  if ($1 !~ /[CZ]/ && key == "") return wrong("You need to supply the service option for the command")
  if ($1 ~ /[aed]/ && server == "") return wrong("You need to supply the real-server option for the command")
  return 0
}

function attributes() {
  return "-s " scheduler (timeout ? " -p " timeout (mask == "" ? "" : " -M " mask) : "") (engine == "" ? "" : " --pe " engine) (once ? " -o" : "") (flags == "" ? "" : " -b " flags)
}
function add_service() { if (!(key in place)) place[key] = ++services; name[place[key]] = key; alive[key] = 1 }
function add_server() { if (!((key, server) in spot)) { spot[key, server] = ++count[key]; at[key, count[key]] = server } }

function kernel() {
  if (refusals != "" && $0 ~ refusals) return refuse("Memory allocation problem")
  if ($1 == "--set" || $1 == "-Z") return 0
  if ($1 == "-C") { split("", alive); split("", spot); return 0 }
  if ($1 ~ /[AE]/) {
    if ($1 == "-A" && key in alive) return refuse("Service already exists")
    if ($1 == "-E" && !(key in alive)) return refuse("No such service")
    if (scheduler !~ /^(rr|wrr|lc|wlc|lblc|lblcr|dh|sh|sed|nq|fo|ovf|mh|twos)$/) return refuse("Scheduler or persistence engine not found")
    if ((kind != "-f" && port(key) == 0 && !timeout) || (once && kind != "-u" && kind != "-f")) return refuse("Invalid operation.  Possibly wrong module version, address not unicast, ...")
    if (!(key in alive)) { add_service(); count[key] = 0 }
    value[key] = attributes()
    return 0
  }
  if (!(key in alive)) return refuse($1 == "-D" ? "No such service" : "Service not defined")
  if ($1 == "-D") { for (k = 1; k <= count[key]; k++) delete spot[key, at[key, k]]; delete alive[key]; return 0 }
  if (method == "") method = "-g"
  # Without NAT the kernel puts the port of the service in the place of the server port.
  if ($1 !~ /d/ && method != "-m") server = host(server) ":" (kind == "-f" ? 0 : port(key))
  if ($1 == "-a" && (key, server) in spot) return refuse("Destination already exists")
  if ($1 != "-a" && !((key, server) in spot)) return refuse("No such destination")
  if ($1 == "-d") { delete spot[key, server]; return 0 }
  if (method != "-i" && (index(server, "[") > 0) != (index(key, "[") > 0 || key ~ / -6$/)) return refuse("Address family mismatch")
  add_server()
  value[key, server] = method " -w " weight tunnel (upper ? " -x " upper : "") (lower ? " -y " lower : "")
  return 0
}

BEGIN {
  getline refusals <(folder "/refuse")
  table = folder "/table"
  while ((getline <table) > 0) if (parse() == 0) kernel_load()
  close(table)
}
function kernel_load() {
  if ($1 == "-A") { add_service(); value[key] = attributes() }
  else { if (method == "") method = "-g"; add_server(); value[key, server] = method " -w " weight tunnel (upper ? " -x " upper : "") (lower ? " -y " lower : "") }
}
{ print "  " $0 >>(folder "/log"); status = parse(); if (status == 2) exit; status = kernel() }
END {
  printf "" >table
  for (i = 1; i <= services; i++) {
    key = name[i]
    if (!(key in alive) || place[key] != i) continue
    print "-A " key " " value[key] >table
    for (j = 1; j <= count[key]; j++) {
      server = at[key, j]
      if ((key, server) in spot && spot[key, server] == j) print "-a " key " -r " server " " value[key, server] >table
    }
  }
  close(table); close("cat >&2")
  exit status
}'
run() { awk -v folder="$folder" "$engine"; }

case "$*" in
  # What -S leaves out, and marks as signed numbers.
  -Sn | '-S -n')
    sed 's/ -[xy] [0-9]*//g' "$folder/table" | awk '$2 == "-f" && $3 > 2147483647 { $3 = sprintf("%.0f", $3 - 4294967296) } { print }' ;;
  '-Ln --daemon') cat "$folder/daemons" ;;
  -Ln)
    printf 'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n'
    echo '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn' ;;
  '-Ln --thresholds')
    printf 'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn\n'
    echo '  -> RemoteAddress:Port'
    awk '
      BEGIN { split("-t TCP -u UDP --sctp-service SCTP -f FWM", words, " "); for (i = 1; i < 9; i += 2) name[words[i]] = words[i + 1] }
      function of(option,  i) { for (i = 1; i < NF; i++) if ($i == option) return $(i + 1); return 0 }
      $1 == "-A" { print name[$2] "  " $3 ($4 == "-6" ? " IPv6" : "") " " of("-s") }
      $1 == "-a" { print "  -> " of("-r") "  " of("-x") "  " of("-y") "  0  0" }' "$folder/table" ;;
  '-Ln --timeout') echo 'Timeout (tcp tcpfin udp): 900 120 300' ;;
  -R) run ;;
  --start-daemon*)
    if [ "$1 $3 $5" != '--start-daemon --mcast-interface --syncid' ]; then echo 'unexpected argument' >&2; exit 2; fi
    if grep -q "^$2" "$folder/daemons"; then echo 'Daemon has already run' >&2; exit 255; fi
    echo "$2 sync daemon (mcast=$4, syncid=$6, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)" >>"$folder/daemons" ;;
  --stop-daemon*)
    if ! grep -q "^$2" "$folder/daemons"; then echo 'No daemon is running' >&2; exit 255; fi
    sed -i "/^$2/d" "$folder/daemons" ;;
  *) echo "$*" | run ;;
esac
