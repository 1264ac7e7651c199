# The planner: settings + machine + what an earlier start recorded -> lines
#   error T | note T      the settings cannot be used | something to know
#   mine L                a line for this host
#   need K A B | have K A B    an action that is missing | in place
#   module M D            module M has to be loaded: device D is not there
#   rule F R              a rule of family F for the packet filter
#   keep R | new R | drop R    records: of before, to be added, no longer described
function quote(t) { gsub(/[^ -~]/, "?", t); return "\"" substr(t, 1, 60) (length(t) > 60 ? "..." : "") "\"" }
function wrong(t) { if (++errors <= 20) print "error " ENVIRON["conf"] ":" FNR ": " t; return 0 }
function family(full) { return index(full, ":") ? 6 : 4 }

# The full form of an address, so that two spellings compare; "" for anything else.
function address(t) {
  if (!(t in full_form)) full_form[t] = t ~ /^[0-9.]+$/ ? four(t) : six(t)
  return full_form[t]
}
function four(t,   part, i) {
  if (split(t, part, ".") != 4) return ""
  for (i = 1; i <= 4; i++) if (part[i] !~ /^(0|[1-9][0-9]?[0-9]?)$/ || part[i] + 0 > 255) return ""
  return t
}
function six(t,   half, left, right, halves, l, r, i, group, full) {
  t = tolower(t)
  if (length(t) > 39 || t !~ /^[0-9a-f:]+$/ || t ~ /:::/) return ""
  halves = split(t, half, "::")
  l = half[1] == "" ? 0 : split(half[1], left, ":")
  r = halves < 2 || half[2] == "" ? 0 : split(half[2], right, ":")
  if (halves > 2 || (halves == 1 ? l != 8 : l + r > 7)) return ""
  for (i = 1; i <= 8; i++) {
    group = i <= l ? left[i] : i > 8 - r ? right[i - 8 + r] : "0"
    if (group == "" || length(group) > 4) return ""
    sub(/^0+/, "", group)
    full = full (i > 1 ? ":" : "") (group == "" ? "0" : group)
  }
  return full
}
# And back, as people write it.
function short(full,   n, zeros, at) {
  for (n = 15; n > 1 && index(full, ":"); n -= 2) {
    zeros = ":" substr("0:0:0:0:0:0:0:0", 1, n) ":"
    at = index(":" full ":", zeros)
    if (at) return substr(full, 1, at > 1 ? at - 2 : 0) "::" substr(full, at + n + 1)
  }
  return full
}
function loopback(full) { return full ~ /^127\./ || full == "0:0:0:0:0:0:0:1" }

# Checks of one field each: 1 if good, else an error.
function fields(shape, least, most) { return NF >= least && NF <= most ? 1 : wrong("a line here is: " shape) }
function is_address(t) { return address(t) != "" ? 1 : wrong(quote(t) " is not an IPv4 or IPv6 address") }
function is_vip(t,   full) {
  if (!is_address(t)) return 0
  full = address(t)
  if (!loopback(full) && full !~ /^(0|22[4-9]|2[3-5][0-9])\./ && full !~ /^(0:0:0:0:0:0:0:0$|ff|fe[89ab])/) return 1
  return wrong(quote(t) " cannot be a VIP: it is loopback, multicast, link-local or none")
}
function is_port(t, least) {
  return t ~ /^(0|[1-9][0-9]*)$/ && length(t) <= 5 && t + 0 >= least && t + 0 <= 65535 ? 1 : wrong(quote(t) " is not a port from " least " to 65535")
}
function is_one_of(t, words) { return index(" " words " ", " " t " ") ? 1 : wrong(quote(t) " is none of: " words) }
function is_place(t, vip) {
  if (!is_one_of(t, "lo dummy0 tunl0")) return 0
  if (t == "tunl0" && family(vip) == 6) return wrong("tunl0 is a device for IPv4: " quote(vip) " has to be on lo")
  return 1
}
function is_interface(t) {
  if (t == "lo") return wrong("lo hears no clients: an interface line names where they arrive")
  if (t ~ /^[A-Za-z0-9_.-]+$/ && length(t) <= 15 && t !~ /^\.+$/) return 1
  return wrong(quote(t) " is not the name of an interface")
}
function is_key(t) {
  if (t ~ /^net(\.([A-Za-z0-9_-]+|[{]interface[}]))+$/ && length(t) <= 100) return 1
  return wrong(quote(t) " is not a sysctl of net, as net.ipv4.conf.{interface}.arp_ignore")
}
function is_number(t) { return t ~ /^-?[0-9]+$/ && length(t) <= 11 ? 1 : wrong(quote(t) " is not a number") }

# A line counts if its RIP is ours. 127.0.0.1 as a RIP would be every host: it is none.
function ours(rip) {
  rip = address(rip)
  if (!(rip in own) || $0 in seen) return 0
  seen[$0] = 1
  if (!(rip in away)) { mine = 1; print "mine " $0 }
  return 1
}
# With its link a host loses its IPv6 addresses. By one that it had at an earlier start it is known all the same, as
# long as the settings name it: else what it took for that one would be taken back.
function known_by(rip, devices,   n, i, dev) {
  rip = address(rip)
  if (rip == "" || rip in own) return
  away[rip] = devices
  own[rip] = ""
  n = split(devices, dev, " ")
  for (i = 1; i <= n; i++) if (dev[i] in link) own[rip] = own[rip] " " dev[i]
}
function keep_rip(rip,   k) {
  k = "rip:" short(rip)
  print (k in record ? "keep " : "new ") k "=" (rip in away ? away[rip] : substr(own[rip], 2))
  if (rip in away) print "note " short(rip) ", by which this host is known, is not here now: what it took for that stays"
}

# Each thing wanted is in place, or needed and then recorded with what was found.
function want(kind, a, b, there, key, value) {
  if ((kind, a, b) in wanted) return
  wanted[kind, a, b] = 1
  print (there ? "have" : "need"), kind, a, b
  if (key in record || !there) keep_record(key, value)
}
function keep_record(key, value,   before) {
  if (key in kept) return
  kept[key] = 1
  if (!(key in record)) { print "new " key "=" value; return }
  # The value found first stays; only what we set may have changed since.
  before = record[key]
  if (key ~ /^sysctl:/) { sub(/ .*/, "", before); sub(/^[^ ]*/, "", value); before = before value }
  print "keep " key "=" before
}
function sysctl(path, value,   now, file) {
  file = "/proc/sys/" path
  if ((getline now < file) <= 0) { print "error this kernel has no " file; return }
  close(file)
  if (path in setting && setting[path] != value) { print "error " file " is to be both " setting[path] " and " value; return }
  setting[path] = value
  want("sysctl", path, value, now == value, "sysctl:" path, now " " value)
}
function host_sysctls(rip, vip,   i, n, j, dev, path) {
  n = split(rip in hears ? hears[rip] : own[rip], dev, " ")
  for (i = 1; i <= sysctls; i++) {
    # net.ipv4 settings are for IPv4 VIPs only, net.ipv6 ones for IPv6.
    if (key[i] ~ /^net\.ipv[46]\./ && substr(key[i], 8, 1) != family(vip)) continue
    path = key[i]; gsub(/\./, "/", path)
    if (path !~ /[{]/) { sysctl(path, value[i]); continue }
    for (j = 1; j <= n; j++) { path = key[i]; gsub(/\./, "/", path); gsub(/[{]interface[}]/, dev[j], path); sysctl(path, value[i]) }
  }
}
function tunnel(type, rip, inner, port,   outer, dev, module) {
  outer = family(rip)
  if (type == "gre") { dev = outer == 4 ? "gre0" : "ip6gre0"; module = outer == 4 ? "ip_gre" : "ip6_gre" }
  else if (outer == 6) { dev = "ip6tnl0"; module = "ip6_tunnel" }
  else { dev = inner == "ipv4" ? "tunl0" : "sit0"; module = inner == "ipv4" ? "ipip" : "sit" }
  # Loading the module makes the device, so its settings can only be planned after that.
  if (!(dev in link)) { print "module", module, dev; return }
  # A packet comes out of the tunnel with the source of a client that is reached by another
  # interface: the reverse path filter drops it, and the greater of "all" and the device counts.
  if (inner == "ipv4") { sysctl("net/ipv4/conf/all/rp_filter", 0); sysctl("net/ipv4/conf/" dev "/rp_filter", 0) }
  # ip6tnl0 takes only IPv6 inside unless told otherwise.
  if (dev == "ip6tnl0" && inner == "ipv4") want("mode", dev, "any", mode[dev] == "any", "mode:" dev, mode[dev])
  # Only root can see which ports are open.
  if (type == "gue") want("fou", port, outer, (port, outer) in fou || !ENVIRON["root"], "fou:" port, outer)
  want("up", dev, "", dev in up, "up:" dev, "down")
}
# Where nobody asks for an address.
function aside(dev) { return dev ~ /^(lo|dummy[0-9]*|tunl[0-9]*|ip6tnl[0-9]*)$/ }
# Where a director has a VIP, or anybody who answers ARP for it. A real server must not.
function nowhere_else(full,   dev) {
  for (dev in link)
    if ((dev, full) in holds && !aside(dev))
      print "error the VIP " short(full) " is an address of " dev " here, which answers for it: ip addr del, if it may go"
}
# With a shorter prefix the kernel takes the whole network for this host's own.
function alone(full,   dev) {
  for (dev in link)
    if ((dev, full) in wide && aside(dev))
      print "error the VIP " short(full) " is " wide[dev, full] " on " dev " here, which takes that whole network: ip addr del " wide[dev, full] " dev " dev ", if it may go"
}
function number(full,   part) {
  split(full, part, ".")
  return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
}
function network_of(prefixed, full, bits, dev,   size) {
  if (bits > 30 || aside(dev)) return
  networks++
  for (size = 1; bits < 32; bits++) size *= 2
  lowest[networks] = number(full) - number(full) % size
  highest[networks] = lowest[networks] + size - 1
  network[networks] = prefixed " on " dev
}
# The first and the last address of a network mean all of it.
function one_host(full,   i, which) {
  if (family(full) == 6) return
  for (i = 1; i <= networks; i++) {
    which = number(full) == lowest[i] ? "network" : number(full) == highest[i] ? "broadcast" : ""
    if (which == "") continue
    print "error the VIP " full " is the " which " address of " network[i] ", which no host can have"
    return
  }
}
function check_vip(full) {
  if (checked[full]++) return
  one_host(full); alone(full); if (!directs) nowhere_else(full)
}
# A SYN only: a rule for every packet would reset the connections that are open when it is added.
function rule(vip, protocol, port, rip,   match_port, text, target) {
  # redirect takes the address of the interface of arrival, and a tunnel has none.
  target = rip in tunnelled ? "dnat to " short(rip) : "redirect"
  if (rip in tunnelled && family(rip) != family(vip)) {
    print "error a filter for " short(vip) " cannot follow a tunnel to " short(rip) ": the families differ"; return
  }
  match_port = port > 0 ? " " protocol " dport " port : " meta l4proto " protocol
  text = (family(vip) == 4 ? "ip" : "ip6") " daddr " short(vip) match_port
  if (protocol == "tcp") text = text " tcp flags & (fin|syn|rst|ack) == syn"
  table = family(vip) == 4 ? "ip" : "ip6"
  print "rule", table, text, target
  keep_record("nft:" table, "absent")
}

part == "machine" && $1 == "whole" { whole = 1 }
part == "machine" && $3 ~ /^</ {
  dev = $2; sub(/:$/, "", dev); sub(/@.*/, "", dev); link[dev] = 1
  if ($3 ~ /[<,]UP[,>]/) up[dev] = 1
}
part == "machine" && ($3 == "inet" || $3 == "inet6") {
  dev = $2; sub(/@.*/, "", dev); prefixed = $4; sub(/\/.*/, "", $4); full = address($4)
  # One with a peer has no prefix of its own here.
  bits = prefixed ~ /\// ? substr(prefixed, index(prefixed, "/") + 1) + 0 : 128
  holds[dev, full] = 1
  if (bits < (family(full) == 4 ? 32 : 128)) wide[dev, full] = prefixed
  if ($0 ~ / scope global/ && $0 !~ / deprecated/) eager[dev, full] = 1
  if (loopback(full) || full ~ /^fe80:/) next
  own[full] = own[full] " " dev; names = names " " $4
  if (family(full) == 4) network_of(prefixed, full, bits, dev)
}
part == "machine" && $1 == "port" && / gue/ { outer = 4; if (/ -6( |$)/) outer = 6; fou[$2, outer] = 1 }
part == "machine" && $1 == "ip6tnl0:" { mode["ip6tnl0"] = $2 ~ /^any/ ? "any" : $2 ~ /^ip\// ? "ipip6" : "ip6ip6" }

# After a reboot nothing of what is recorded holds any more.
part == "found" && /^boot=/ { current = $0 == "boot=" ENVIRON["boot"] }
part == "found" && current && /^[a-z]+:/ {
  at = index($0, "="); k = substr($0, 1, at - 1); record[k] = substr($0, at + 1)
  if (k ~ /^rip:/) known_by(substr(k, 5), record[k])
}

part == "conf" {
  sub(/\r$/, ""); sub(/#.*/, "")
  if (NF == 0) next
  $1 = $1
  if ($1 == "vip") {
    if (fields("vip RIP VIP lo|dummy0|tunl0", 4, 4) && is_address($2) + is_vip($3) + is_place($4, $3) == 3 && ours($2)) {
      vip_rip[++vips] = address($2); takes[address($2)] = 1; vip[vips] = $3; vip_dev[vips] = $4
      if (address($3) in place && place[address($3)] != $4) wrong($3 " is to be on both " place[address($3)] " and " $4)
      place[address($3)] = $4
    }
  } else if ($1 == "filter") {
    if (fields("filter RIP VIP tcp|udp|sctp PORT", 5, 5) && is_address($2) + is_vip($3) + is_one_of($4, "tcp udp sctp") + is_port($5, 0) == 4 && ours($2)) {
      filter_rip[++filters] = address($2); takes[address($2)] = 1; filter_vip[filters] = address($3); protocol[filters] = $4; filter_port[filters] = $5
    }
  } else if ($1 == "tunnel") {
    if (fields("tunnel RIP ipip|gre|gue ipv4|ipv6 [PORT]", $3 == "gue" ? 5 : 4, $3 == "gue" ? 5 : 4) &&
        is_address($2) + is_one_of($3, "ipip gre gue") + is_one_of($4, "ipv4 ipv6") + (NF == 4 || is_port($5, 1)) == 4 && ours($2)) {
      tunnel_rip[++tunnels] = address($2); takes[address($2)] = 1; type[tunnels] = $3; inner[tunnels] = $4; gue_port[tunnels] = $5
      tunnelled[address($2)] = 1
    }
  } else if ($1 == "interface") {
    if (fields("interface RIP NAME", 3, 3) && is_address($2) + is_interface($3) == 2 && address($2) in own) {
      if ($3 in link) hears[address($2)] = hears[address($2)] " " $3
      else if (!(address($2) in away)) wrong("this host has no interface " $3)
    }
  } else if ($1 == "sysctl") {
    if (fields("sysctl KEY VALUE", 3, 3) && is_key($2) + is_number($3) == 2) { key[++sysctls] = $2; value[sysctls] = $3 }
  } else if ($1 == "director") {
    if (fields("director RIP", 2, 2) && is_address($2) && ours($2)) directs = 1
  } else if ($1 == "nat") {
    # Nothing to set up here; but the host is known, and start is no failure.
    if (fields("nat RIP", 2, 2) && is_address($2)) ours($2)
  } else wrong(quote($1) " is none of: sysctl interface vip filter tunnel director nat")
}

END {
  print "host " (names == "" ? "any" : substr(names, 2, 400))
  if (!whole) { print "error ip cannot show the links and addresses of this host"; exit }
  if (errors > 20) print "error and " errors - 20 " more"
  if (errors) exit
  if (directs && filters) print "error a director takes the VIP as an address: the packet filter would keep its packets from IPVS"
  for (i = 1; i <= vips; i++) check_vip(address(vip[i]))
  for (i = 1; i <= filters; i++) check_vip(filter_vip[i])
  # The ARP settings come before the addresses that they keep quiet about.
  for (i = 1; i <= vips; i++) host_sysctls(vip_rip[i], address(vip[i]))
  for (i = 1; i <= tunnels; i++) tunnel(type[i], tunnel_rip[i], inner[i], gue_port[i])
  for (i = 1; i <= vips; i++) {
    dev = vip_dev[i]; full = address(vip[i]); prefixed = family(full) == 4 ? full "/32" : short(full) "/128"
    if (dev == "tunl0") {
      if (dev in link) want("up", dev, "", dev in up, "up:" dev, "down")
      else print "module", "ipip", dev
    }
    if (dev == "dummy0") {
      # One that we made is ours to remove; one that was there is only set up.
      if (!(dev in link) || ("made:" dev) in record) want("made", dev, "", dev in link, "made:" dev, "absent")
      if (dev in link) want("up", dev, "", dev in up, "up:" dev, "down")
    }
    there = (dev, full) in holds
    if (there && !(("address:" dev ":" prefixed) in record)) {
      keep_record("kept:" dev ":" prefixed, "present")
      if ((dev, full) in eager) print "note " vip[i] " was on " dev " already, and the kernel may choose it as a source address: left as it is"
    }
    want("address", dev, prefixed, there, "address:" dev ":" prefixed, "absent")
  }
  for (i = 1; i <= filters; i++) rule(filter_vip[i], protocol[i], filter_port[i], filter_rip[i])
  for (rip in takes) keep_rip(rip)
  # A host without any line is not known here: nothing is taken back.
  if (mine) for (k in record) if (!(k in kept) && k !~ /^rip:/) print "drop " k "=" record[k]
}
