#!/bin/sh
# Everything that is checked, as TAP on standard output: `npm test` brings in what this needs and runs it.
#
# A step that fails shows what it printed, and the others go on. The last line is "N passed, N failed": the tests and
# the steps. Kept in build/: unit.tap, and coverage.txt with the lines that no test reaches.

set -u
cd "$(dirname "$0")/.." || exit
PATH=$PWD/node_modules/.bin:$PATH

mkdir -p build
temporary=$(mktemp -d build/run.XXXXXX)
memory=
# What runs beside us does not hear Ctrl-C.
# shellcheck disable=SC2317  # the trap calls it
clean() {
  for process in "$temporary"/*.process; do [ ! -e "$process" ] || kill "$(cat "$process")"; done
  rm -rf "$temporary" ${memory:+"$memory"}
}
trap clean EXIT
trap 'exit 130' HUP INT TERM

steps=0
passed=0
failed=0

now() { date +%s%N | cut -c1-13; }

# report NAME STATUS START [END]: the line of a step.
report() {
  steps=$((steps + 1))
  if [ "$2" -eq 0 ]; then passed=$((passed + 1)) word=ok; else failed=$((failed + 1)) word='not ok'; fi
  echo "$word $steps - $1 # time=$((${4:-$(now)} - $3))ms"
}

# begin NAME COMMAND...: starts a step beside what follows; `ended NAME` waits for it and reports it. Its output is shown
# only if it fails. (With CI set oxlint colours even a file.)
begin() {
  name=$1
  shift
  {
    start=$(now)
    env -u CI NO_COLOR=1 "$@" >"$temporary/$name.output" 2>&1 </dev/null &
    echo "$!" >"$temporary/$name.process"
    wait "$!"
    echo "$? $start $(now)" >"$temporary/$name.status"
  } 2>/dev/null &
  echo "$!" >"$temporary/$name.job"
}

ended() {
  wait "$(cat "$temporary/$1.job")"
  rm "$temporary/$1.process"
  read -r status start end <"$temporary/$1.status"
  report "$1" "$status" "$start" "$end"
  [ "$status" -eq 0 ] || sed 's/^/  # /' "$temporary/$1.output"
}

step() {
  begin "$@"
  ended "$1"
}

# Every file of ours that starts as a shell script; templates and expected results are judged by their own tests.
shell_scripts() {
  grep -rlIE '^#! ?/(usr/)?bin/(env )?(ba)?sh' .ci lab packaging realserver tap-tests --exclude-dir=cases --exclude='*.ts' 2>/dev/null |
    while read -r file; do
      case $(head -n 1 "$file") in '#!'*) echo "$file" ;; esac
    done
}

# The programs that judge rendered files may have to be fetched; that waits for the network, not for us.
start_of_readers=$(now)
sh tap-tests/readers/fetch.sh >"$temporary/readers" 2>"$temporary/readers.log" </dev/null &
readers=$!

echo 'TAP version 14'
# Each of them leaves a processor idle now and then.
begin lint npm run --silent lint
begin types npm run --silent compile
step format npm run --silent format:check
step bundle npm run --silent build
ended lint
ended types
step 'dead code' npm run --silent knip

wait "$readers"
status=$?
report readers "$status" "$start_of_readers"
if [ "$status" -eq 0 ]; then
  LVSCTL_READERS=$(cat "$temporary/readers")
  export LVSCTL_READERS
  # No script of ours has a space in its name.
  # shellcheck disable=SC2046
  step 'shell scripts' "$LVSCTL_READERS/shellcheck" $(shell_scripts)
else
  sed 's/^/  # /' "$temporary/readers.log"
fi

# It waits for its machine most of the time, or for the image of it that has to be built.
begin 'verbs of the lab' node packaging/with-dependencies.mjs lab -- node build/tap-tests/lab/verbs.js

# Every test of a director has a machine of its own in a folder, and each of its writes waits for the disk: so that is
# memory, where programs may be started from there.
if memory=$(mktemp -d /dev/shm/lvsctl.XXXXXX 2>/dev/null); then
  printf '#!/bin/sh\n' >"$memory/try"
  chmod 755 "$memory/try"
  if ! "$memory/try" 2>/dev/null; then
    rm -rf "$memory"
    memory=
  fi
fi

# The tests' own TAP passes through as it comes: it is the progress that a person sees.
start=$(now)
echo '# Subtest: unit tests'
{
  TMPDIR=${memory:-${TMPDIR:-/tmp}} NODE_V8_COVERAGE=$temporary/v8 timeout --kill-after=10 720 ava --tap 2>&1 </dev/null
  echo $? >"$temporary/status"
} | tee "$temporary/unit.tap" | node packaging/tap.mjs "$temporary/counts" "$temporary/failures"
read -r unit_passed unit_failed <"$temporary/counts"
status=$(cat "$temporary/status")
[ "$status" -ne 0 ] || [ ! -s "$temporary/failures" ] || status=1
if [ "$status" -ne 0 ] && [ ! -s "$temporary/failures" ]; then
  echo "The test runner ended with status $status though no test failed." >"$temporary/failures"
fi
report "unit tests: $unit_passed passed, $unit_failed failed" "$status" "$start"
sed 's/^/  # /' "$temporary/failures"
mv "$temporary/unit.tap" build/unit.tap
ended 'verbs of the lab'

# The same files on a real kernel, under the real daemons; what the machine needs is installed where we may.
start=$(now)
echo '# Subtest: lab'
{
  node packaging/with-dependencies.mjs lab scenarios -- sh lab/run.sh 2>&1 </dev/null
  echo $? >"$temporary/status"
} | node packaging/tap.mjs "$temporary/counts" "$temporary/lab-failures"
read -r lab_passed lab_failed <"$temporary/counts"
status=$(cat "$temporary/status")
[ "$status" -ne 0 ] || [ ! -s "$temporary/lab-failures" ] || status=1
report "lab: $lab_passed passed, $lab_failed failed" "$status" "$start"
sed 's/^/  # /' "$temporary/lab-failures"
echo "1..$steps"

# Coverage is told, not judged.
c8 report --temp-directory="$temporary/v8" >"$temporary/coverage.txt" 2>/dev/null
sed -n 's/^\([A-Z][a-z]* *: .*%.*\)/# \1/p' "$temporary/coverage.txt"
mv "$temporary/coverage.txt" build/coverage.txt

# The lab's output has come between.
if [ -s "$temporary/failures" ]; then
  echo '# The unit tests that failed, again:'
  sed 's/^/# /' "$temporary/failures"
fi
passed=$((passed + unit_passed + lab_passed))
failed=$((failed + unit_failed + lab_failed))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
