import type { Host } from '../../src/lab/lab.js';

/**
 * Gives a host a load average of its own: all hosts of the lab share a kernel, and so its /proc/loadavg. Every five
 * seconds the tasks of its control group that run or wait for a processor are counted, and averaged as the kernel does
 * (kernel/sched/loadavg.c: a decay of e^(-5/60) for the first figure).
 */
const SCRIPT = `use strict; use warnings;
my @load = (0, 0, 0); my @span = (60, 300, 900);
while (1) {
  my $running = 0;
  for my $stat (glob '/proc/[1-9]*/stat') {
    next if $stat eq "/proc/$$/stat";
    open my $in, '<', $stat or next;
    my $line = <$in> // '';
    $running++ if $line =~ /\\) [RD] /;
  }
  for my $n (0 .. 2) { my $old = exp(-5 / $span[$n]); $load[$n] = $load[$n] * $old + $running * (1 - $old) }
  open my $out, '+<', '/run/loadavg' or die; truncate $out, 0;
  printf $out "%.2f %.2f %.2f %d/99 1\\n", @load, $running; close $out;
  sleep 5;
}
`;

export async function ownLoadAverage(host: Host): Promise<void> {
  // The last line alone is left running: what is begun in the background has no input.
  await host.sh(
    `cat >/run/loadavg.pl && echo '0.00 0.00 0.00 0/99 1' >/run/loadavg && mount --bind /run/loadavg /proc/loadavg
     setsid perl /run/loadavg.pl </dev/null >/dev/null 2>&1 &`,
    SCRIPT,
  );
}

/** Keeps so many processors busy until the returned function is called. */
export async function keepBusy(host: Host, count: number): Promise<() => Promise<void>> {
  await host.sh(
    `for n in $(seq ${count}); do setsid nice -n 19 sh -c 'while :; do :; done' busy-loop </dev/null >/dev/null 2>&1 & done`,
  );
  return async () => {
    await host.sh("pkill -9 -f '[b]usy-loop'");
  };
}
