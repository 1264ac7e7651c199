# perl arrivals.pl FILE ADDRESS PORT PATIENCE: sends the requests of a file to worker.pl, each by a new connection, until
# all have ended. Lines of the file are SECONDS WORK: when it is due, from the start on, and what is sent. A request is
# sent when it is due, whatever has become of those before (an open loop).
#
# Prints "SENT TOOK BY LATE" for each once its end is known. SENT is when it was due, by the machine's clock since its
# boot; TOOK is seconds from then; BY is the host that answered, or "-" and why none did: -refused, -reset (it ended
# without an answer), -silent (nothing came within PATIENCE seconds). LATE is seconds after it was due.

use strict;
use warnings;
use IO::Handle;
use Socket qw(:DEFAULT inet_pton);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

$| = 1;
$SIG{PIPE} = 'IGNORE';
my ($file, $address, $port, $patience) = @ARGV;
my $to = pack_sockaddr_in($port, inet_pton(AF_INET, $address) // die "$address?\n");
open my $in, '<', $file or die "$file: $!\n";
my @coming = map { [split] } <$in>;
# Those that are open by their number, and in the order in which they were sent.
my (%open, @sent);
my $bits = '';
my $begin = clock_gettime(CLOCK_MONOTONIC) + 1;

while (@coming || %open) {
    my $now = clock_gettime(CLOCK_MONOTONIC);
    ask(shift @coming, $now) while @coming && $begin + $coming[0][0] <= $now;
    shift @sent while @sent && !$sent[0]{socket};
    while (@sent && $sent[0]{due} + $patience <= $now) {
        my $one = shift @sent;
        finish($one, '-silent') if $one->{socket};
    }
    my $wait = @coming ? $begin + $coming[0][0] - clock_gettime(CLOCK_MONOTONIC) : 0.5;
    $wait = 0.5 if $wait > 0.5;
    my $found = select my $ready = $bits, undef, undef, $wait > 0 ? $wait : 0;
    next if $found <= 0;
    # Looking at each of many sockets would cost more than all else.
    my $flags = unpack 'b*', $ready;
    for (my $at = index $flags, '1'; $at >= 0; $at = index $flags, '1', $at + 1) { answered($open{$at}) }
}

sub ask {
    my ($due, $now) = ($begin + $_[0][0], $_[1]);
    my $one = { due => $due, late => $now - $due };
    socket $one->{socket}, AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
    my $number = fileno $one->{socket};
    $open{$number} = $one;
    push @sent, $one;
    # It blocks for as long as a packet takes there and back: servers accept at once.
    if (!connect $one->{socket}, $to) { return finish($one, '-refused') }
    defined syswrite $one->{socket}, "$_[0][1]\n" or return finish($one, '-reset');
    vec($bits, $number, 1) = 1;
}

sub answered {
    my $one = shift // return;
    my $length = sysread $one->{socket}, my $text, 100;
    finish($one, $length && $text =~ /^(\S+)\n/ ? $1 : '-reset');
}

sub finish {
    my ($one, $by) = @_;
    printf "%.3f %.3f %s %.3f\n", $one->{due}, clock_gettime(CLOCK_MONOTONIC) - $one->{due}, $by, $one->{late};
    my $number = fileno $one->{socket};
    vec($bits, $number, 1) = 0;
    delete $open{$number};
    close delete $one->{socket};
}
