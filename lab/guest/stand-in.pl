# perl stand-in.pl ENDPOINT...: a server that says which host it is. An endpoint is tcp:ADDRESS:PORT, udp:ADDRESS:PORT
# or sctp:…, IPv6 in brackets.
#
# Over TCP an HTTP request is answered and the connection closed; any other line comes back with the host's name, and
# the connection stays. A UDP packet comes back with the name and the packet.

use strict;
use warnings;
use IO::Select;
use IO::Socket::IP;
use Socket qw(SOCK_STREAM SOCK_DGRAM SOL_SOCKET SO_REUSEADDR);
use Sys::Hostname;

my $name = hostname;
my $select = IO::Select->new;
my (%listens, %buffer);
for my $endpoint (@ARGV) {
    my ($protocol, $address, $port) = $endpoint =~ /^(\w+):\[?([^\]]*)\]?:(\d+)$/ or die "$endpoint?\n";
    my $stream = $protocol eq 'tcp';
    my $socket = IO::Socket::IP->new(
        LocalHost => $address, LocalPort => $port, Proto => $protocol, ReuseAddr => 1, V6Only => 1,
        Type => $stream ? SOCK_STREAM : SOCK_DGRAM, ($stream ? (Listen => 100) : ()),
    ) or die "$endpoint: $@\n";
    $listens{$socket} = $stream ? 'tcp' : 'udp';
    $select->add($socket);
}
$SIG{PIPE} = 'IGNORE';
# Ready: whoever started this may ask from now on.
my $child = fork;
exit 0 if $child;
open STDIN, '<', '/dev/null';
open STDOUT, '>', '/dev/null';
open STDERR, '>', '/dev/null';

while (my @ready = $select->can_read) {
    for my $socket (@ready) {
        my $kind = $listens{$socket} // '';
        if ($kind eq 'udp') {
            my $peer = $socket->recv(my $packet, 2000);
            $socket->send("$name $packet", 0, $peer) if defined $peer;
        } elsif ($kind eq 'tcp') {
            my $client = $socket->accept or next;
            $buffer{$client} = '';
            $select->add($client);
        } elsif (!$socket->sysread($buffer{$socket}, 4000, length $buffer{$socket})) {
            finish($socket);
        } else {
            serve($socket);
        }
    }
}

sub serve {
    my $socket = shift;
    if ($buffer{$socket} =~ /^[A-Z]+ \S+ HTTP/) {
        return unless $buffer{$socket} =~ /\r\n\r\n/;
        my $length = 1 + length $name;
        $socket->syswrite("HTTP/1.1 200 OK\r\nContent-Length: $length\r\nConnection: close\r\n\r\n$name\n");
        return finish($socket);
    }
    while ($buffer{$socket} =~ s/^([^\n]*)\n//) { $socket->syswrite("$name $1\n") }
}

sub finish {
    my $socket = shift;
    delete $buffer{$socket};
    $select->remove($socket);
    $socket->close;
}
