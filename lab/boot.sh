#!/bin/sh
# Boots the lab's machine for one job and ends with its exit status; 99 where the machine did not come to an end.
#
#   boot.sh [-t SECONDS] [-m MEGABYTES] [-o FOLDER] [-a FILE]... [-i] JOB.tar
#
# The job is a plain tar with a program `run`; `-` reads it from standard input. -a adds files or folders to it under their own
# names. What `run` prints goes to standard output as it comes; what it leaves in /run/lab/results of the machine goes to
# FOLDER. With -i the machine has the terminal of this process as /dev/hvc0: from the first line on that is written
# there, which is not shown, until the end. The port `size` of the machine gives its size and kind, `ROWS COLUMNS TERM`, a
# line for each change. Needs no root; the image is built where it is missing (image.sh). Nothing is left behind, also when this is
# killed: QEMU ends with it, and the next boot removes its folder.
#
# LVSCTL_LAB_ACCEL: kvm or tcg, instead of trying what works.
#
# Exit codes besides: those of image.sh; 64 wrong usage, 130 interrupted.
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
added=
interactive=
say() { printf 'lab: %s\n' "$*" >&2; }
# fail CODE REASON
fail() {
  code=$1
  shift
  say "error: $*"
  exit "$code"
}
while getopts t:m:o:a:i option; do
  case $option in
    t) limit=$OPTARG ;;
    m) memory=$OPTARG ;;
    o) results=$OPTARG ;;
    a) added="$added$OPTARG
" ;;
    i) interactive=yes ;;
    *) sed -n '4s/^# *//p' "$0" >&2; exit 64 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || fail 64 'one job is needed'
job=$1
case ${LVSCTL_LAB_ACCEL-} in
  '' | kvm | tcg) ;;
  *) fail 64 "LVSCTL_LAB_ACCEL is $LVSCTL_LAB_ACCEL, and may be kvm or tcg" ;;
esac

image=$(setpriv --pdeathsig TERM sh "$lab/image.sh")
cache=${image%/*}

# Besides the job there is what the machine writes, which QEMU keeps aside.
free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1024) }')
if [ "$free" -lt 500 ]; then fail 1 "$cache has $free MB left, and a run of the machine needs 500"; fi

# A folder of this run, locked as long as it lasts. Those that nobody locks were left by killed runs, or are being made
# by one that starts with us: so one after the other.
exec 8<"$image"
flock 8
for old in "$cache"/lab-run.*; do
  [ ! -d "$old" ] || ! flock -n "$old" true || rm -rf "$old"
done
if ! run=$(mktemp -d "$cache/lab-run.XXXXXX" 2>&1); then fail 77 "$cache cannot be written: ${run##*: }"; fi
exec 9<"$run"
flock 9
exec 8>&-
qemu=
relay=
# shellcheck disable=SC2317  # the traps call it
clean() {
  trap '' HUP INT TERM
  if [ -n "$qemu" ]; then kill "$qemu" 2>/dev/null || :; wait "$qemu" 2>/dev/null || :; fi
  if [ -n "$relay" ]; then kill "$relay" 2>/dev/null || :; fi
  if [ -s "$run/keyboard" ]; then kill "$(cat "$run/keyboard")" 2>/dev/null || :; fi
  if [ -s "$run/stty" ]; then stty "$(cat "$run/stty")" </dev/tty || :; fi
  rm -rf "$run"
}
trap clean EXIT
trap 'exit 130' HUP INT TERM

# What comes through a pipe or is added to becomes a file of this run.
if [ -n "$added" ] || [ "$job" = - ]; then
  cat "$job" >"$run/job.tar"
  job=$run/job.tar
  printf '%s' "$added" | while IFS= read -r file; do
    tar -r -h --owner=0 --group=0 -f "$job" -C "$(dirname "$file")" "./$(basename "$file")"
  done
fi

# The initramfs: small, so it is made each time, and a changed start-up script needs no new image.
initramfs() {
  mkdir -p "$run/initramfs/bin" "$run/initramfs/proc" "$run/initramfs/sys" "$run/initramfs/dev" "$run/initramfs/root"
  cp "$image/busybox" "$run/initramfs/bin/"
  cp -r "$image/modules" "$run/initramfs/"
  cp "$lab/guest/init" "$lab/guest/start" "$run/initramfs/"
  chmod 755 "$run/initramfs/init" "$run/initramfs/bin/busybox"
  (cd "$run/initramfs" && find . | cpio -o -H newc --quiet -R 0:0) >"$run/initramfs.cpio"
}

# The terminal is the machine's as soon as something there wants it. Its keyboard is read by a process that dies with us.
terminal() {
  IFS= read -r _ || return 0
  stty -g </dev/tty >"$run/stty"
  stty raw -echo </dev/tty
  resized
  # shellcheck disable=SC2016  # the inner shell gives them
  setpriv --pdeathsig KILL sh -c 'echo "$$" >"$1/keyboard"; exec cat </dev/tty 1<>"$1/terminal.in"' sh "$run" &
  exec cat >/dev/tty
}

# shellcheck disable=SC2317  # the trap calls it
resized() { echo "$(stty size </dev/tty) ${TERM-}" 1<>"$run/size" || :; }

# boot ACCELERATOR SECONDS JOB: 0 if the machine ran the job to its end and turned itself off.
boot() {
  case $1 in
    kvm) set -- "$@" -accel kvm -cpu host ;;
    *) set -- "$@" -accel tcg,thread=multi,tb-size=512 -cpu Nehalem,+rdrand ;;
  esac
  seconds=$2 tar=$3
  shift 3
  # A trial has no use for the terminal.
  if [ -n "$interactive" ] && [ "$tar" = "$job" ]; then
    set -- "$@" -chardev "pipe,id=terminal,path=$run/terminal" -device virtconsole,chardev=terminal,name=terminal \
      -chardev "pipe,id=size,path=$run/size" -device virtserialport,chardev=size,name=size
    trap resized WINCH
    terminal <"$run/terminal.out" 9>&- &
    relay=$!
  fi
  : >"$run/results.tar"
  : >"$run/console"
  # QEMU would take the end of its input for a port unplugged, and makes its output non-blocking: so neither is ours.
  # Where nobody reads our output any more, we end.
  { cat "$run/output" || kill "$$"; } 9>&- &
  reader=$!
  setpriv --pdeathsig KILL timeout --foreground --kill-after=5 "$seconds" \
    setpriv --pdeathsig KILL qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none \
    -device virtio-serial-pci "$@" -smp 2 -m "$memory" -kernel "$image/vmlinuz" -initrd "$run/initramfs.cpio" \
    -append 'console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off nokaslr audit=0 apparmor=0 no_timer_check clocksource=acpi_pm rcupdate.rcu_expedited=1 norandmaps init_on_alloc=0 random.trust_cpu=on' \
    -drive "file=$image/root.ext4,format=raw,if=virtio,snapshot=on,werror=report" \
    -drive "file=$tar,format=raw,if=virtio,readonly=on" \
    -chardev stdio,id=output,signal=off -device virtserialport,chardev=output,name=output \
    -chardev "file,id=results,path=$run/results.tar" -device virtserialport,chardev=results,name=results \
    -chardev "file,id=console,path=$run/console" -serial chardev:console \
    -device virtio-rng-pci <>"$run/input" >"$run/output" 2>"$run/qemu.log" 9>&- &
  qemu=$!
  status=0
  wait "$qemu" || status=$?
  # A trap ends the waiting, too.
  while kill -0 "$qemu" 2>/dev/null; do
    status=0
    wait "$qemu" || status=$?
  done
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
if [ -n "$interactive" ]; then mkfifo "$run/terminal.in" "$run/terminal.out" "$run/size"; fi
# What the machine writes to its disk is kept in TMPDIR.
TMPDIR=$run
export TMPDIR
initramfs
accelerator >"$run/chosen"
if boot "$(cat "$run/chosen")" "$limit" "$job"; then
  if [ -n "$results" ]; then mkdir -p "$results" && tar -x -f "$run/results.tar" -C "$results"; fi
  exit "$(cat "$run/status")"
fi
grep -v 'terminating on signal' "$run/qemu.log" >&2 || :
# Its last words: a panic, or what the start-up missed; the reason stands above a long trace.
tr -d '\r' <"$run/console" >"$run/words"
{ grep 'Kernel panic' "$run/words" || :; tail -n 10 "$run/words"; } | sed 's/^/  console: /' >&2
if grep -q 'lab: the image cannot be mounted' "$run/words"; then
  rm -f "$image/whole"
  fail 99 'the image was damaged; the next run builds it anew'
elif grep -q 'Kernel panic' "$run/words"; then
  fail 99 "the machine crashed: $(sed -n 's/.*\(Kernel panic.*\)/\1/p' "$run/words" | head -n 1)"
elif [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
  fail 99 "the machine did not end within $limit s"
fi
free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1024) }')
if [ "$free" -lt 20 ]; then fail 99 "the machine ended without a result: $cache has no space left"; fi
fail 99 "the machine ended without a result (QEMU's status $status)"
