# perl table.pl MILLISECONDS: looks at the kernel's IPVS table that often, until it is killed, and prints it where it has
# changed: "SECONDS SERVICE>SERVER=WEIGHT...", each ADDRESS:PORT as /proc/net/ip_vs has it, in hexadecimal. SECONDS is by
# the machine's clock since its boot. ipvsadm would take longer to start than the table takes to change.

use strict;
use warnings;
use Time::HiRes qw(sleep clock_gettime CLOCK_MONOTONIC);

$| = 1;
my $pause = shift() / 1000;
my $known = '';
for (;;) {
    open my $file, '<', '/proc/net/ip_vs' or die "/proc/net/ip_vs: $!\n";
    my ($service, @found) = '';
    while (<$file>) {
        if (/^(?:TCP|UDP)\s+(\S+)/) { $service = $1 }
        elsif (/^\s+-> ([0-9A-F]\S*)\s+\S+\s+(\d+)/) { push @found, "$service>$1=$2" }
    }
    my $now = join ' ', sort @found;
    printf "%.3f %s\n", clock_gettime(CLOCK_MONOTONIC), $now if $now ne $known;
    $known = $now;
    sleep $pause;
}
