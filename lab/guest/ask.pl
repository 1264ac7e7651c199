# perl ask.pl tcp|udp ADDRESS PORT COUNT [FROM [PORT]]: asks the stand-in servers so many times, each time anew, and
# prints which host answered, one a line; "-" where none did within a second. FROM is one of the client's own addresses.
#
# perl ask.pl hold ADDRESS PORT: one connection. Each line of standard input is sent, and the answer, or "-", printed.

use strict;
use warnings;
use IO::Select;
use IO::Socket::IP;

my ($how, $address, $port, $count, $from, $from_port) = @ARGV;
my @own = (defined $from ? (LocalHost => $from) : (), defined $from_port ? (LocalPort => $from_port) : ());
$| = 1;
# A connection that was reset is an answer that is missing, not the end of this.
$SIG{PIPE} = 'IGNORE';

if ($how eq 'hold') {
    my $socket = dial('tcp') or die "no connection\n";
    while (my $line = <STDIN>) { print answer($socket, $line), "\n" }
    exit;
}
for (1 .. $count) {
    my $socket = dial($how);
    my $said = $socket ? answer($socket, "question\n") : '-';
    print $said =~ /^(\S+) question/ ? $1 : '-', "\n";
    $socket->close if $socket;
}

sub dial {
    return IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Proto => shift, Timeout => 1, @own);
}

sub answer {
    my ($socket, $line) = @_;
    $socket->syswrite($line) or return '-';
    return '-' unless IO::Select->new($socket)->can_read(1);
    $socket->sysread(my $said, 4000) or return '-';
    chomp $said;
    return $said;
}
