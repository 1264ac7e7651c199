# perl load.pl PER_SECOND ADDRESS PORT PATIENCE: asks a stand-in server over TCP so many times a second, each time by a
# new connection, until it is killed. It sends when a request is due, whatever has become of those before (an open loop):
# so a server that hangs holds up nobody else, as with many clients.
#
# Prints "SENT TOOK BY" for each request once its end is known. SENT is when, by the machine's clock since its boot; TOOK
# is seconds; BY is the host that answered, or "-" and why none did: -refused (the connection was, or no host was
# found), -reset (it ended without an answer), -silent (nothing came within PATIENCE seconds).

use strict;
use warnings;
use Errno qw(EAGAIN ECONNRESET EINPROGRESS EINTR);
use IO::Handle;
use IO::Select;
use Socket qw(:DEFAULT inet_pton);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

$| = 1;
$SIG{PIPE} = 'IGNORE';
my ($rate, $address, $port, $patience) = @ARGV;
my $to = pack_sockaddr_in($port, inet_pton(AF_INET, $address) // die "$address?\n");
my ($reading, $writing) = (IO::Select->new, IO::Select->new);
# By the number of the open file: the socket, when it was sent, and what has come.
my %open;
my $begin = now();
my $sent = 0;

for (;;) {
    my $now = now();
    if ($begin + $sent / $rate <= $now) {
        $sent++;
        ask($now);
        next;
    }
    for my $one (values %open) { finish($one, '-silent') if $one->{sent} + $patience <= $now }
    my $wait = $begin + $sent / $rate - $now;
    my ($readable, $writable) = IO::Select->select($reading, $writing, undef, $wait < 0.2 ? $wait : 0.2);
    for my $socket (@{ $writable // [] }) { connected($open{ fileno $socket }) }
    for my $socket (@{ $readable // [] }) { answered($open{ fileno $socket }) if $socket->opened }
}

sub now { return clock_gettime(CLOCK_MONOTONIC) }

sub ask {
    my $now = shift;
    socket my $socket, AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
    $socket->blocking(0);
    my $one = $open{ fileno $socket } = { socket => $socket, sent => $now, text => '' };
    if (connect $socket, $to) { return connected($one) }
    return finish($one, '-refused') if $! != EINPROGRESS;
    $writing->add($socket);
}

sub connected {
    my $one = shift // return;
    my $socket = $one->{socket};
    $writing->remove($socket);
    my $error = unpack 'i', getsockopt $socket, SOL_SOCKET, SO_ERROR;
    return finish($one, $error == ECONNRESET ? '-reset' : '-refused') if $error;
    defined syswrite $socket, "question\n" or return finish($one, '-reset');
    $reading->add($socket);
}

sub answered {
    my $one = shift // return;
    my $length = sysread $one->{socket}, $one->{text}, 4000, length $one->{text};
    if (!defined $length) { return $! == EAGAIN || $! == EINTR ? undef : finish($one, '-reset') }
    return finish($one, '-reset') if !$length;
    finish($one, $1) if $one->{text} =~ /^(\S+) question\n/;
}

sub finish {
    my ($one, $by) = @_;
    printf "%.3f %.3f %s\n", $one->{sent}, now() - $one->{sent}, $by;
    $_->remove($one->{socket}) for $reading, $writing;
    delete $open{ fileno $one->{socket} };
    close $one->{socket};
}
