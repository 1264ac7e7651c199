# perl ask.pl tcp|udp|sctp ADDRESS PORT COUNT [FROM [PORT]]: asks the stand-in servers so many times, each time anew, and
# prints which host answered, one a line; "-" where none did within a second. FROM is one of the client's own addresses.
#
# perl ask.pl hold ADDRESS PORT: one connection. Each line of standard input is sent, and the answer, or "-", printed.
#
# perl ask.pl watch MILLISECONDS TARGET...: asks each target, at most once in so many milliseconds, until it is killed. A
# target is HOW,ADDRESS,PORT. Prints "SECONDS TARGET HOST" for each answer, where SECONDS is when the question was sent,
# by the machine's clock since its boot, and TARGET counts from 0.

use strict;
use warnings;
use IO::Select;
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6);
use Time::HiRes qw(sleep clock_gettime CLOCK_MONOTONIC);

use constant { IPPROTO_SCTP => 132, PATIENCE => 1 };

$| = 1;
$SIG{PIPE} = 'IGNORE';
my $how = shift;
# Packets carry a Call-ID: SIP's persistence drops what has none.
my $packet = "question SIP/2.0\r\nCall-ID: $$\@lab\r\n\r\n";

if ($how eq 'hold') {
    my $socket = dial('tcp', @ARGV) or die "no connection\n";
    my $rest = '';
    while (my $line = <STDIN>) { print answer($socket, $line, \$rest), "\n" }
} elsif ($how eq 'watch') {
    my ($pause, @targets) = @ARGV;
    # A process for each: one that is silent holds up no other.
    my $target = 0;
    $target++ while $target < @targets && fork;
    if ($target == @targets) { 1 while wait > 0 }
    while ($target < @targets) {
        my $start = clock_gettime(CLOCK_MONOTONIC);
        printf "%.2f %d %s\n", $start, $target, once(split /,/, $targets[$target]);
        my $left = $pause / 1000 - (clock_gettime(CLOCK_MONOTONIC) - $start);
        sleep $left if $left > 0;
    }
} else {
    my ($address, $port, $count, @from) = @ARGV;
    print once($how, $address, $port, @from), "\n" for 1 .. $count;
}

sub once {
    my $how = shift;
    my $socket = dial($how, @_);
    my $said = $socket ? answer($socket, $how eq 'udp' ? $packet : "question\n", \my $rest) : '-';
    return $said =~ /^(\S+) question/ ? $1 : '-';
}

sub dial {
    my ($how, $address, $port, $from, $from_port) = @_;
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    my ($type, $protocol) = $how eq 'udp' ? (SOCK_DGRAM, 0) : (SOCK_STREAM, $how eq 'sctp' ? IPPROTO_SCTP : 0);
    socket my $socket, $family, $type, $protocol or die "$how: $!\n";
    $socket->blocking(0);
    if (defined $from) { bind $socket, place($from, $from_port // 0) or die "$from: $!\n" }
    return $socket if connect $socket, place($address, $port);
    return if !IO::Select->new($socket)->can_write(PATIENCE);
    return unpack('i', getsockopt $socket, SOL_SOCKET, SO_ERROR) ? undef : $socket;
}

sub place {
    my ($address, $port) = @_;
    my $six = $address =~ /:/;
    my $packed = inet_pton($six ? AF_INET6 : AF_INET, $address) // die "$address?\n";
    return $six ? pack_sockaddr_in6($port, $packed) : pack_sockaddr_in($port, $packed);
}

# The first line of the answer; a mail server's greeting is none.
sub answer {
    my ($socket, $line, $rest) = @_;
    defined syswrite $socket, $line or return '-';
    $$rest //= '';
    for (;;) {
        while ($$rest =~ s/^([^\n]*)\n//) {
            my $said = $1;
            return $said if $said !~ /^220 /;
        }
        IO::Select->new($socket)->can_read(PATIENCE) or return '-';
        sysread $socket, $$rest, 4000, length $$rest or return '-';
    }
}
