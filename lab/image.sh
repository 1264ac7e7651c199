#!/bin/sh
# Builds what the lab's machine boots from, once, and prints the folder: root.ext4, vmlinuz, and for the initramfs
# busybox and modules/. Without root where mmdebstrap finds a way to do so.
#
# The folder's name holds a hash of the recipe, which is this file and the list of packages: a changed recipe is another
# folder. It is built under another name and renamed, so that a broken-off build is never taken for an image; one whose
# files have other sizes than they had is built anew. A second one that starts meanwhile waits. Images that nobody has
# used for a month go when a new one is built.
#
# LVSCTL_LAB_MIRROR: a Debian mirror to use instead of mmdebstrap's own choice.
#
# Exit codes: 69 a program is missing, 77 the folder may not be written, 1 all else.

set -eu
lab=$(cd "$(dirname "$0")" && pwd)
suite=bookworm
PATH=$PATH:/usr/sbin:/sbin

say() { printf 'lab: %s\n' "$*" >&2; }
# fail CODE REASON
fail() {
  code=$1
  shift
  say "error: $*"
  exit "$code"
}

if [ -z "${XDG_CACHE_HOME-}${HOME-}" ]; then fail 1 'neither XDG_CACHE_HOME nor HOME says where the image may be kept'; fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lvsctl

recipe=$(cat "$lab/packages" "$lab/image.sh" | sha256sum | cut -c 1-12)
image=$cache/lab-$recipe

sizes() { stat -c '%n %s' root.ext4 vmlinuz busybox modules/*; }
use_if_whole() {
  [ -d "$image" ] && (cd "$image" && sizes 2>/dev/null | cmp -s - whole) || return 0
  touch "$image" 2>/dev/null || :
  echo "$image"
  exit
}
use_if_whole

# A user is root among users of their own (subuid(5)); whatever is made there only this root can remove.
as_root=
if [ "$(id -u)" -ne 0 ]; then as_root='unshare --map-root-user --map-auto'; fi
remove() { rm -rf "$1" 2>/dev/null || $as_root rm -rf "$1"; }

if ! why=$( (mkdir -p "$cache" && : >>"$cache/lab.lock") 2>&1); then fail 77 "$cache cannot be written: ${why##*: }"; fi
exec 9>"$cache/lab.lock"
flock 9
use_if_whole

free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1024) }')
if [ "$free" -lt 3000 ]; then fail 1 "$cache has $free MB left, and building the image needs 3000"; fi

# What a killed build left is nobody's while we hold the lock.
for old in "$cache"/lab-building.*; do remove "$old"; done
if [ -d "$image" ]; then
  say 'the image is damaged: it is built anew'
  rm -rf "$image"
fi
find "$cache" -maxdepth 1 -name 'lab-????????????' -mtime +30 ! -name '*.*' -exec rm -rf {} +
building=$(mktemp -d "$cache/lab-building.XXXXXX")
working=
deadly=KILL
temporary=$building
# shellcheck disable=SC2317  # the trap calls it
clean() {
  trap '' HUP INT TERM
  if [ -n "$working" ]; then kill -s "$deadly" "$working" 2>/dev/null || :; wait "$working" 2>/dev/null || :; fi
  remove "$temporary"
  remove "$building"
}
trap clean EXIT
trap 'exit 130' HUP INT TERM
# mmdebstrap's own users have to pass through, which a home folder may forbid.
chmod 755 "$building"
if [ "$(id -u)" -eq 0 ]; then
  temporary=$building/tmp
  mkdir "$temporary"
else
  for old in /var/tmp/lvsctl-lab.*; do
    [ ! -O "$old" ] || ! flock -n "$old" true || remove "$old"
  done
  temporary=$(mktemp -d /var/tmp/lvsctl-lab.XXXXXX)
  chmod 755 "$temporary"
  exec 8<"$temporary"
  flock 8
  free=$(df -Pk "$temporary" | awk 'NR == 2 { print int($4 / 1024) }')
  if [ "$free" -lt 2000 ]; then fail 1 "/var/tmp has $free MB left, and building the image needs 2000"; fi
fi
TMPDIR=$temporary
export TMPDIR

# mon's preinst calls adduser, which comes after it.
# shellcheck disable=SC2016  # mmdebstrap's shell gives $1
user='echo mon:x:390:390::/var/lib/mon:/usr/sbin/nologin >>"$1/etc/passwd"; echo mon:x:390: >>"$1/etc/group"'

# The kernel is not installed but put beside: unpacked over the root it would replace the link /lib, and its scripts
# would make an initramfs. Firmware and drivers of real hardware stay away.
# shellcheck disable=SC2016
kernel='set -e
cd "$1/tmp"; export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
name=$(apt-cache depends linux-image-cloud-amd64 | sed -n "s/.*Depends: \(linux-image-[^ ]*\).*/\1/p" | head -n 1)
apt-get -q download "$name"
dpkg-deb -x "$name"_*.deb kernel
mkdir -p "$1/usr/lib/modules"
mv kernel/lib/modules/* "$1/usr/lib/modules/"
mv kernel/boot/vmlinuz-* "$1/boot/vmlinuz"
rm -rf kernel "$name"_*.deb
rm -rf "$1"/usr/lib/modules/*/kernel/drivers/gpu "$1"/usr/lib/modules/*/kernel/sound "$1"/usr/lib/modules/*/kernel/fs/xfs
release=$(ls "$1/usr/lib/modules")
chroot "$1" depmod "$release"
for module in virtio_pci virtio_blk virtio_console; do chroot "$1" modprobe -S "$release" --show-depends "$module"; done |
  sed -n "s/^insmod \([^ ]*\).*/\1/p" >"$1/boot/modules"
rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*
mkdir -p "$1/lab"'

packages=$(sed 's/#.*//' "$lab/packages" | tr -s ' \n' ',,')
say "building the image (a minute or two, once): $image"
start=$(date +%s)
set -- --variant=minbase --format=tar --include="$packages" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --aptopt='Acquire::Retries "3"' \
  --essential-hook="$user" --customize-hook="$kernel" \
  "$suite" "$building/root.tar"
if [ -n "${LVSCTL_LAB_MIRROR-}" ]; then set -- "$@" "$LVSCTL_LAB_MIRROR"; fi
# In the background: a trap waits for no program then.
during() {
  setpriv --pdeathsig KILL "$@" 8<&- 9>&- </dev/null &
  working=$!
  status=0
  wait "$working" || status=$?
  working=
  return "$status"
}
# Processes and mounts end with the first process, and this with us. mmdebstrap makes namespaces of its own where it is
# not root, and removes what is in them if it is asked to end.
contained="${as_root:-unshare} --mount --pid --fork --kill-child"
if [ -n "$as_root" ]; then
  set -- mmdebstrap "$@"
  deadly=TERM
else
  # shellcheck disable=SC2086  # these are words
  set -- $contained mmdebstrap "$@"
fi
if ! during "$@" >"$building/log" 2>&1; then
  tail -n 20 "$building/log" >&2
  if grep -qE 'Could not (resolve|connect)|Temporary failure|Failed to fetch|Connection failed' "$building/log"; then
    fail 1 'the image was not built: no Debian mirror can be reached'
  elif grep -q 'No space left' "$building/log"; then
    fail 1 "the image was not built: no space left in $cache"
  else
    fail 1 'the image was not built: mmdebstrap failed, as said above'
  fi
fi

deadly=KILL
# shellcheck disable=SC2016,SC2086  # the inner shell gives them; these are words
if ! during $contained sh -ec '
  cd "$1"
  mkdir tree
  tar -x -f root.tar -C tree --exclude="./dev/*"
  mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d tree root.ext4 1G
  cp tree/boot/vmlinuz vmlinuz
  cp tree/bin/busybox busybox
  # By number, in the order in which they are loaded.
  mkdir modules
  number=10
  awk "!seen[\$0]++" tree/boot/modules | while read -r file; do
    cp "tree/$file" "modules/$number-${file##*/}"
    number=$((number + 1))
  done
  rm -rf tree root.tar tmp
  ' sh "$building" >"$building/log" 2>&1; then
  tail -n 5 "$building/log" >&2
  fail 1 "the image was not built: its file system could not be made in $cache"
fi
rm "$building/log"
chmod 644 "$building"/root.ext4 "$building"/vmlinuz
(cd "$building" && sizes >whole)
sync "$building"/* "$building"/modules/*
mv "$building" "$image"
say "built the image in $(($(date +%s) - start)) s"
echo "$image"
