#!/bin/sh
# Builds what the lab's machine boots from, once, and prints the folder: root.ext4, vmlinuz, and for the initramfs
# busybox and modules/. Without root where mmdebstrap finds a way to do so.
#
# The folder's name holds a hash of the recipe, which is this file and the list of packages: a changed recipe is another
# folder. It is built under another name and renamed, so that a broken-off build is never taken for an image. A second
# one that starts meanwhile waits.
#
# LVSCTL_LAB_MIRROR: a Debian mirror to use instead of mmdebstrap's own choice.

set -eu
lab=$(cd "$(dirname "$0")" && pwd)
suite=bookworm
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lvsctl
PATH=$PATH:/usr/sbin:/sbin

say() { printf 'lab: %s\n' "$*" >&2; }

recipe=$(cat "$lab/packages" "$lab/image.sh" | sha256sum | cut -c 1-12)
image=$cache/lab-$recipe
if [ -d "$image" ]; then echo "$image"; exit; fi

mkdir -p "$cache"
exec 9>"$cache/lab.lock"
flock 9
if [ -d "$image" ]; then echo "$image"; exit; fi

free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1024) }')
if [ "$free" -lt 3000 ]; then say "$cache has $free MB left, and building the image needs 3000"; exit 69; fi

# What a killed build left is nobody's while we hold the lock.
rm -rf "$cache"/lab-building.*
building=$(mktemp -d "$cache/lab-building.XXXXXX")
trap 'rm -rf "$building"' EXIT
trap 'exit 130' HUP INT TERM
# mmdebstrap's own users have to pass through and write here.
chmod 755 "$building"
mkdir -m 1777 "$building/tmp"
TMPDIR=$building/tmp
export TMPDIR

# mon's preinst calls adduser, which comes after it.
# shellcheck disable=SC2016  # mmdebstrap's shell gives $1
user='echo mon:x:390:390::/var/lib/mon:/usr/sbin/nologin >>"$1/etc/passwd"; echo mon:x:390: >>"$1/etc/group"'

# The kernel is not installed but put beside: unpacked over the root it would replace the link /lib, and its scripts
# would make an initramfs. Firmware and drivers of real hardware stay away.
# shellcheck disable=SC2016
kernel='set -e
cd "$TMPDIR"; export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
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
# Its mounts end with its processes, and these with ours.
if [ "$(id -u)" -eq 0 ]; then set -- unshare --mount --pid --fork --kill-child mmdebstrap "$@"; else set -- mmdebstrap "$@"; fi
if ! setpriv --pdeathsig KILL "$@" >"$building/log" 2>&1 </dev/null; then
  tail -n 20 "$building/log" >&2
  say 'mmdebstrap failed'
  exit 1
fi

# Owners and modes of the tree live in fakeroot, from the tar to the file system.
mkdir "$building/tree"
# shellcheck disable=SC2016  # the inner shell gives them
setpriv --pdeathsig KILL fakeroot sh -ec '
  tar -x -f "$1/root.tar" -C "$1/tree" --exclude="./dev/*"
  mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$1/tree" "$1/root.ext4" 1G
  ' sh "$building" 9>&-
(
  cd "$building"
  cp tree/boot/vmlinuz vmlinuz
  cp tree/bin/busybox busybox
  # By number, in the order in which they are loaded.
  mkdir modules
  number=10
  awk '!seen[$0]++' tree/boot/modules | while read -r file; do
    cp "tree/$file" "modules/$number-${file##*/}"
    number=$((number + 1))
  done
  chmod -R u+rw tree
  rm -rf tree root.tar tmp log
)
chmod 644 "$building"/root.ext4 "$building"/vmlinuz
mv "$building" "$image"
say "built the image in $(($(date +%s) - start)) s"
echo "$image"
