#!/bin/sh
# Boots the lab's machine for one job and ends with its exit status; 99 where the machine did not come to an end.
#
#   boot.sh [-t SECONDS] [-m MEGABYTES] [-o FOLDER] JOB.tar
#
# The job is a plain tar with a program `run`. What that prints goes to standard output as it comes; what it leaves in
# /run/lab/results of the machine goes to FOLDER. Needs no root; the image is built where it is missing (image.sh).
# Nothing is left behind, also when this is killed: QEMU ends with it, and the next boot removes its folder.
#
# LVSCTL_LAB_ACCEL: kvm or tcg, instead of trying what works.
#
# The clock is the power management timer: the rate of the others is measured during the boot, and on a busy host the
# measure was wrong by ten.
#
# Two words of the kernel's command line make emulation fast. Programs are always put at the same addresses
# (norandmaps): else each start of a program is translated anew, and takes three times as long. And there is a generator
# of random numbers (rdrand), for which the first Perl or Node would otherwise wait a second.

set -eu
lab=$(cd "$(dirname "$0")" && pwd)
limit=600
memory=1024
results=
say() { printf 'lab: %s\n' "$*" >&2; }
while getopts t:m:o: option; do
  case $option in
    t) limit=$OPTARG ;;
    m) memory=$OPTARG ;;
    o) results=$OPTARG ;;
    *) sed -n '3,5s/^# *//p' "$0" >&2; exit 64 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || { say 'one job is needed'; exit 64; }
job=$1

image=$(sh "$lab/image.sh")
cache=${image%/*}

# A folder of this run, locked as long as it lasts. Those that nobody locks were left by killed runs.
for old in "$cache"/lab-run.*; do
  [ ! -d "$old" ] || ! flock -n "$old" true || rm -rf "$old"
done
run=$(mktemp -d "$cache/lab-run.XXXXXX")
exec 9<"$run"
flock 9
qemu=
# shellcheck disable=SC2317  # the traps call it
clean() {
  trap '' HUP INT TERM
  if [ -n "$qemu" ]; then kill "$qemu" 2>/dev/null || :; wait "$qemu" 2>/dev/null || :; fi
  rm -rf "$run"
}
trap clean EXIT
trap 'exit 130' HUP INT TERM

# The initramfs: small, so it is made each time, and a changed start-up script needs no new image.
initramfs() {
  mkdir -p "$run/initramfs/bin" "$run/initramfs/proc" "$run/initramfs/sys" "$run/initramfs/dev" "$run/initramfs/root"
  cp "$image/busybox" "$run/initramfs/bin/"
  cp -r "$image/modules" "$run/initramfs/"
  cp "$lab/guest/init" "$lab/guest/start" "$run/initramfs/"
  chmod 755 "$run/initramfs/init" "$run/initramfs/bin/busybox"
  (cd "$run/initramfs" && find . | cpio -o -H newc --quiet -R 0:0) >"$run/initramfs.cpio"
}

# boot ACCELERATOR SECONDS JOB: 0 if the machine ran the job to its end and turned itself off.
boot() {
  case $1 in
    kvm) set -- "$@" -accel kvm -cpu host ;;
    *) set -- "$@" -accel tcg,thread=multi,tb-size=512 -cpu Nehalem,+rdrand ;;
  esac
  seconds=$2 tar=$3
  shift 3
  : >"$run/results.tar"
  : >"$run/console"
  # QEMU would take the end of its input for a port unplugged, and makes its output non-blocking: so neither is ours.
  # Where nobody reads our output any more, we end.
  { cat "$run/output" || kill "$$"; } 9>&- &
  reader=$!
  setpriv --pdeathsig KILL timeout --foreground --kill-after=5 "$seconds" \
    setpriv --pdeathsig KILL qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none \
    "$@" -smp 2 -m "$memory" -kernel "$image/vmlinuz" -initrd "$run/initramfs.cpio" \
    -append 'console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off nokaslr audit=0 apparmor=0 no_timer_check clocksource=acpi_pm rcupdate.rcu_expedited=1 norandmaps init_on_alloc=0 random.trust_cpu=on' \
    -drive "file=$image/root.ext4,format=raw,if=virtio,snapshot=on" \
    -drive "file=$tar,format=raw,if=virtio,readonly=on" \
    -device virtio-serial-pci \
    -chardev stdio,id=output,signal=off -device virtserialport,chardev=output,name=output \
    -chardev "file,id=results,path=$run/results.tar" -device virtserialport,chardev=results,name=results \
    -chardev "file,id=console,path=$run/console" -serial chardev:console \
    -device virtio-rng-pci <>"$run/input" >"$run/output" 2>"$run/qemu.log" 9>&- &
  qemu=$!
  status=0
  wait "$qemu" || status=$?
  qemu=
  wait "$reader" || :
  [ "$status" -eq 0 ] && tar -x -O -f "$run/results.tar" ./status >"$run/status" 2>/dev/null && [ -s "$run/status" ]
}

# /dev/kvm may exist and yet hang, so a boot decides; what it found holds until this host boots again.
accelerator() {
  if [ -n "${LVSCTL_LAB_ACCEL-}" ]; then echo "$LVSCTL_LAB_ACCEL"; return; fi
  [ -w /dev/kvm ] || { echo tcg; return; }
  known=$image/accelerator-$(cat /proc/sys/kernel/random/boot_id)
  if [ ! -s "$known" ]; then
    mkdir "$run/trial"
    printf '#!/bin/sh\n' >"$run/trial/run"
    chmod 755 "$run/trial/run"
    tar -c -f "$run/trial.tar" -C "$run/trial" run
    if boot kvm 10 "$run/trial.tar" >&2; then echo kvm; else echo tcg; fi >"$run/accelerator"
    rm -f "$image"/accelerator-*
    mv "$run/accelerator" "$known"
  fi
  cat "$known"
}

mkfifo "$run/input" "$run/output"
initramfs
accelerator >"$run/chosen"
if boot "$(cat "$run/chosen")" "$limit" "$job"; then
  if [ -n "$results" ]; then mkdir -p "$results" && tar -x -f "$run/results.tar" -C "$results"; fi
  exit "$(cat "$run/status")"
fi
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
  say "the machine did not end within $limit s"
else
  say "the machine ended without a result (QEMU's status $status)"
fi
grep -v 'terminating on signal' "$run/qemu.log" >&2 || :
# Its last words: a panic, or what the start-up missed; the reason stands above a long trace.
tr -d '\r' <"$run/console" >"$run/words"
{ grep 'Kernel panic' "$run/words" || :; tail -n 10 "$run/words"; } | sed 's/^/  console: /' >&2
exit 99
