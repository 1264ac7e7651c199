#!/bin/sh
# Fetches the programs that read what lvsctl renders (keepalived, mon, nft, ...) and prints the folder that holds them.
#
# The Debian packages are unpacked aside and never installed: their maintainer scripts would start daemons here. No
# root is needed. Fetched once; afterwards this only prints the folder. The packages' other files, such as
# heartbeat's /etc/ha.d and mon's monitors, are in ../root beside it.

set -eu

packages='fping iputils-arping iputils-ping ipvsadm keepalived libtime-period-perl mandoc mon mon-client ndisc6 nftables shellcheck'
# Whose files are wanted, but not the many packages that it needs to run.
files_only='heartbeat prometheus'
programs='arping fping ipvsadm keepalived mandoc mon moncmd ndisc6 nft ping promtool shellcheck'

fail() {
  printf 'readers: %s\n' "$@" >&2
  exit 69
}

need="the tests need $programs. They come from Debian's packages, through apt-get, which needs a mirror
within reach. Elsewhere put those programs into one folder and name it in LVSCTL_READERS."

if [ -n "${LVSCTL_READERS:-}" ]; then
  echo "$LVSCTL_READERS"
  exit 0
fi
[ -n "${XDG_CACHE_HOME:-${HOME:-}}" ] || fail 'neither XDG_CACHE_HOME nor HOME is set'
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lvsctl

# Another release or architecture, or a change of this file, is another folder.
key=$({ cat "$0" /etc/os-release; uname -m; } 2>/dev/null | sha256sum | cut -c1-12)
done=$cache/readers-$key

if [ -d "$done" ]; then
  echo "$done/bin"
  exit 0
fi

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || fail "$tool is missing" "$need"
done
echo 'readers: fetching the Debian packages whose programs judge the rendered files' >&2

mkdir -p "$cache"
# What a killed run left behind.
find "$cache" -maxdepth 1 -name 'readers-*.??????' -mmin +60 -exec rm -rf {} +
temporary=$(mktemp -d "$done.XXXXXX")
trap 'rm -rf "$temporary"' EXIT
trap 'exit 130' HUP INT TERM
chmod 755 "$temporary"

apt=$temporary/apt
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$temporary/root" "$temporary/bin"
# A package that happens to be installed here is wanted all the same.
awk -v wanted="$packages" '
  BEGIN { RS = ""; ORS = "\n\n"; count = split(wanted, names, " "); for (i = 1; i <= count; i++) skip[names[i]] = 1 }
  { split($1 == "Package:" ? $2 : "", name, "\n"); if (!(name[1] in skip)) print }
' /var/lib/dpkg/status >"$apt/status"

apt_get() {
  apt-get -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt" -o Debug::NoLocking=1 \
    -o APT::Sandbox::User="$(id -un)" -o APT::Install-Recommends=0 -o Acquire::Languages=none -o Acquire::Retries=2 \
    -qq -y "$@" >>"$apt/log" 2>&1 </dev/null
}

# Sources of this machine that fail are no matter, as long as the packages are found.
apt_get update || :
# The lists are words to be split.
# shellcheck disable=SC2086
if ! apt_get --download-only install $packages || ! (cd "$apt/archives" && apt_get download $files_only); then
  grep -E '^(E|W|Err)' "$apt/log" | head -n 5 >&2
  fail 'apt-get could not fetch them' "$need"
fi

for deb in "$apt"/archives/*.deb; do
  case ${deb##*/} in
    # The C library must be the one of the loader that starts the programs: the host's.
    libc6_*) ;;
    *) dpkg-deb -x "$deb" "$temporary/root" || fail "cannot unpack ${deb##*/}" ;;
  esac
done
rm -rf "$apt"
# The server itself is 100 MB, and of no use beside its promtool.
rm -rf "$temporary/root/usr/bin/prometheus" "$temporary/root/usr/share/prometheus"

# "a:b" of the given folders below root, as the wrappers will see them.
folders() {
  (
    cd "$temporary/root"
    list=
    for folder in "$@"; do
      [ -d "$folder" ] && list=${list:+$list:}\$root/$folder
    done
    echo "$list"
  )
}
cd "$temporary/root"
libraries=$(folders usr/lib/*-linux-gnu* lib/*-linux-gnu*)
modules=$(folders usr/share/perl5 usr/lib/*/perl5/* usr/share/perl/* usr/lib/*/perl/*)
if [ -x usr/bin/perl ]; then perl="\$root/usr/bin/perl"; else perl=/usr/bin/perl; fi

for program in $programs; do
  real=
  for folder in usr/sbin usr/bin sbin bin; do
    [ -x "$folder/$program" ] && real=$folder/$program
  done
  [ -n "$real" ] || fail "no package brought $program"
  case $(head -c 16 "$real" | tr -d '\0') in
    '#!'*perl*) interpreter="$perl " ;;
    *) interpreter= ;;
  esac
  wrapper=$temporary/bin/$program
  cat >"$wrapper" <<EOF
#!/bin/sh
root=\${0%/*}/../root
export LD_LIBRARY_PATH="$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
export PERL5LIB="$modules\${PERL5LIB:+:\$PERL5LIB}"
exec ${interpreter:+"$interpreter"}"\$root/$real" "\$@"
EOF
  chmod 755 "$wrapper"
done

# A program that lacks a library cannot even say its version.
for program in $programs; do
  status=0
  "$temporary/bin/$program" --version >"$temporary/log" 2>&1 </dev/null || status=$?
  case $status in
    126 | 127) fail "$program does not start: $(head -n 1 "$temporary/log")" ;;
  esac
done
rm -f "$temporary/log"

# Where two fetch at once the first wins; the other's folder is thrown away.
mv -T "$temporary" "$done" 2>/dev/null || [ -d "$done" ]
echo "$done/bin"
