# perl worker.pl ADDRESS PORT SPEED FOLDER: a server whose requests take work; prints its process, and stays. A request is
# a line over TCP, seconds of work at a speed of 1. One is done at a time, in the order in which they came, and takes
# WORK / SPEED seconds; then its client is told the host's name. It sleeps that time: so it needs no processor, and as many
# as one likes may stand side by side on one machine. Who has gone before it is his turn costs nothing.
#
# Each request begins when the one before it ought to have ended, not when a busy machine has noticed: what is late is
# late once, and the speed is exact. SIGUSR1 halves the speed, of the requests that begin from then on.
#
# Files of FOLDER, which has to be there:
#   busy      microseconds of work until now, and 1, the workers: what the load agent takes (`--busy-file`)
#   loadavg   as /proc/loadavg, for a mount over it: who works or waits is counted each five seconds and averaged as the
#             kernel does (kernel/sched/loadavg.c: a decay of e^(-5/60) for the first figure)
#   served    SERVED GONE LATE: requests, those whose client had gone, and seconds that answers were late, all together

use strict;
use warnings;
use IO::Handle;
use Socket qw(:DEFAULT IPPROTO_IP MSG_DONTWAIT MSG_PEEK inet_pton);
use Sys::Hostname;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use constant { IP_FREEBIND => 15, TELL => 0.5, SAMPLE => 5 };

my ($address, $port, $speed, $folder) = @ARGV;
my $name = hostname;
my @span = (60, 300, 900);
my @load = (0, 0, 0);
my ($served, $gone, $late, $busy) = (0, 0, 0, 0);
# Those that wait, each with its client, the work, and when it came; and what is done now, from when until when.
my @waiting;
my ($current, $from, $until);

socket my $door, AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
setsockopt $door, SOL_SOCKET, SO_REUSEADDR, 1;
setsockopt $door, IPPROTO_IP, IP_FREEBIND, 1;
bind $door, pack_sockaddr_in($port, inet_pton(AF_INET, $address) // die "$address?\n") or die "$address:$port: $!\n";
listen $door, 1000 or die "$address:$port: $!\n";
$door->blocking(0);
$SIG{PIPE} = 'IGNORE';
$SIG{USR1} = sub { $speed /= 2 };
average(0);
my $told = my $sampled = now();
tell_all($told);
# Ready: whoever started this may ask from now on.
my $child = fork;
if ($child) {
    print "$child\n";
    exit 0;
}
open STDIN, '<', '/dev/null';
open STDOUT, '>', '/dev/null';
open STDERR, '>', '/dev/null';

for (;;) {
    my $now = now();
    finish($now) while $current && $until <= $now;
    if ($sampled + SAMPLE <= $now) {
        $sampled += SAMPLE;
        average(@waiting + ($current ? 1 : 0));
    }
    if ($told + TELL <= $now) {
        $told += TELL;
        tell_all($now);
    }
    my $next = $told + TELL;
    $next = $until if $current && $until < $next;
    my $wait = $next - now();
    vec(my $bits = '', fileno $door, 1) = 1;
    admit() if select($bits, undef, undef, $wait > 0 ? $wait : 0) > 0;
}

sub now { return clock_gettime(CLOCK_MONOTONIC) }

sub admit {
    while (accept my $client, $door) {
        # The line is on its way: clients send it at once.
        $client->blocking(1);
        my $came = now();
        my ($length, $line);
        # A signal ends a read: whoever has just come would be sent away.
        do { $length = sysread $client, $line, 100 } while !defined $length && $!{EINTR};
        if (!$length) { close $client }
        elsif ($line =~ /^(\d+(?:\.\d+)?)\n/) { push @waiting, [$client, $1, $came] }
        else { close $client }
        start($came) if !$current;
    }
}

# @param from when on the server could: it has had nothing to do since, or has just ended another.
sub start {
    my $free = shift;
    while (my $one = shift @waiting) {
        my ($client, $work, $came) = @$one;
        my $byte = '';
        if (defined recv($client, $byte, 1, MSG_PEEK | MSG_DONTWAIT) && $byte eq '') {
            $gone++;
            close $client;
            next;
        }
        $current = $client;
        $from = $came > $free ? $came : $free;
        $until = $from + $work / $speed;
        return;
    }
}

sub finish {
    my $now = shift;
    syswrite $current, "$name\n";
    close $current;
    $served++;
    $late += $now - $until;
    $busy += $until - $from;
    undef $current;
    start($until);
}

sub average {
    my $running = shift;
    for my $n (0 .. 2) {
        my $old = exp(-5 / $span[$n]);
        $load[$n] = $load[$n] * $old + $running * (1 - $old);
    }
    # In place: another file would not be the one that is mounted.
    open my $out, -e "$folder/loadavg" ? '+<' : '>', "$folder/loadavg" or die "$folder/loadavg: $!\n";
    truncate $out, 0;
    printf $out "%.2f %.2f %.2f %d/99 1\n", @load, $running;
    close $out;
}

sub tell_all {
    my $now = shift;
    my $until_now = $busy + ($current ? $now - $from : 0);
    put('busy', sprintf '%.0f 1', $until_now * 1e6);
    put('served', sprintf '%d %d %.3f', $served, $gone, $late);
}

sub put {
    my ($file, $text) = @_;
    open my $out, '>', "$folder/$file.new" or die "$folder/$file: $!\n";
    print $out "$text\n";
    close $out;
    rename "$folder/$file.new", "$folder/$file";
}
