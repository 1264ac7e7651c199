#!/bin/sh
# Runs scenarios in the lab's machine: run.sh [SCENARIO...]. The project has to be built (`npm run lab` does it).

set -eu
cd "$(dirname "$0")/.."
node build/lab/render.js "$@" 2>build/lab/render.log || { status=$?; cat build/lab/render.log >&2; exit "$status"; }
job=$(mktemp -d build/lab-job.XXXXXX)
trap 'rm -rf "$job"' EXIT
trap 'exit 130' HUP INT TERM

# The words of the command line, each quoted for the machine's shell.
words=
for word; do words="$words '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"; done
printf '#!/bin/sh\nexec 2>&1\nexec ./node build/lab/scenarios.js%s\n' "$words" >"$job/run"
chmod 755 "$job/run"
cp "$(command -v node)" "$job/node"
tar -c -f "$job/job.tar" -C "$job" run node -C "$PWD" \
  package.json dist templates realserver lvs.conf.example tap-tests/examples lab build/lab/scenarios.js build/lab/clusters
# The file lives on without a name: it goes with whoever reads it, however that ends.
exec 3<"$job/job.tar"
rm -rf "$job"
# Those of `npm test` have to be done while CI waits; what somebody names may take its time.
limit=1450
[ $# -eq 0 ] || limit=7200
exec sh lab/boot.sh -t "$limit" -m 1536 -o build/lab/results /dev/fd/3
