# perl stand-in.pl ENDPOINT...: a server that says which host it is. An endpoint is KIND:ADDRESS:PORT, IPv6 in brackets.
#
#   tcp   an HTTP request is answered and the connection closed; any other line comes back with the host's name, and the
#         connection stays
#   udp   a packet comes back with the host's name in front, and so by sctp
#   smtp  greets, and is polite until QUIT
#   dns   answers over UDP that the name exists
#
# What a port says can be changed while it runs: the first line of the host's file /tmp/stand-in/PORT is, for HTTP,
# STATUS [PATH [HOST]] (all else is not found; further lines are the content), for smtp the code of the greeting, and for
# dns the code of the answer.

use strict;
use warnings;
use IO::Select;
use IO::Socket::IP;
use Socket qw(SOCK_STREAM SOCK_DGRAM SOL_SOCKET SO_REUSEADDR);
use Sys::Hostname;

my $name = hostname;
my $select = IO::Select->new;
my %transports = (smtp => 'tcp', dns => 'udp');
my (%listens, %kind, %buffer);
for my $endpoint (@ARGV) {
    my ($kind, $address, $port) = $endpoint =~ /^(\w+):\[?([^\]]*)\]?:(\d+)$/ or die "$endpoint?\n";
    my $protocol = $transports{$kind} // $kind;
    my $stream = $protocol eq 'tcp';
    my $socket = IO::Socket::IP->new(
        LocalHost => $address, LocalPort => $port, Proto => $protocol, ReuseAddr => 1, V6Only => 1,
        Type => $stream ? SOCK_STREAM : SOCK_DGRAM, ($stream ? (Listen => 100) : ()),
    ) or die "$endpoint: $@\n";
    $listens{$socket} = $kind;
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
        my $kind = $listens{$socket};
        if (!$kind) {
            if ($socket->sysread($buffer{$socket}, 4000, length $buffer{$socket})) { serve($socket) }
            else { finish($socket) }
        } elsif (($transports{$kind} // $kind) eq 'tcp') {
            my $client = $socket->accept or next;
            $buffer{$client} = '';
            $kind{$client} = $kind;
            $select->add($client);
            if ($kind eq 'smtp') {
                my $code = (told($client))[0] // 220;
                $client->syswrite("$code $name\r\n");
                finish($client) if $code ne '220';
            }
        } else {
            my $peer = $socket->recv(my $packet, 2000) // next;
            my $answer = $kind eq 'dns' ? resolved($socket, $packet) : "$name $packet";
            $socket->send($answer, 0, $peer) if defined $answer;
        }
    }
}

# The lines of the file that says what this socket's port says.
sub told {
    my $socket = shift;
    open my $file, '<', '/tmp/stand-in/' . $socket->sockport or return;
    chomp(my @lines = <$file>);
    return @lines;
}

sub serve {
    my $socket = shift;
    return converse($socket) if $kind{$socket} eq 'smtp';
    return web($socket) if $buffer{$socket} =~ /^[A-Z]+ \S+ HTTP/;
    while ($buffer{$socket} =~ s/^([^\n]*)\n//) { $socket->syswrite("$name $1\n") }
}

sub web {
    my $socket = shift;
    my ($path) = $buffer{$socket} =~ /^\S+ (\S+) .*\r\n\r\n/s or return;
    my ($host) = $buffer{$socket} =~ /\r\nHost: *([^\r]*)/i;
    my ($rule, @content) = told($socket);
    my ($status, $wanted, $for) = split / /, $rule // 200;
    $status = 404 if defined $wanted && $path ne $wanted || defined $for && ($host // '') ne $for;
    my $content = join "\n", @content ? @content : $name, '';
    my $length = length $content;
    $socket->syswrite("HTTP/1.1 $status OK\r\nContent-Length: $length\r\nConnection: close\r\n\r\n$content");
    finish($socket);
}

sub converse {
    my $socket = shift;
    while ($buffer{$socket} =~ s/^([^\n]*)\n//) {
        my $ends = $1 =~ /^QUIT/i;
        $socket->syswrite($ends ? "221 bye\r\n" : "250 $name\r\n");
        return finish($socket) if $ends;
    }
}

# The question comes back as an answer (RFC 1035, 4.1.1) with one record, of 127.0.0.1, where the code is 0.
sub resolved {
    my ($socket, $packet) = @_;
    return if length $packet < 17;
    my $code = (told($socket))[0] // 0;
    my ($id) = unpack 'n', $packet;
    my ($labels) = substr($packet, 12) =~ /^((?:[^\0]+)?\0)/s or return;
    my $question = substr $packet, 12, 4 + length $labels;
    my $record = $code ? '' : pack 'n3 N n C4', 0xc00c, 1, 1, 60, 4, 127, 0, 0, 1;
    return pack('n6', $id, 0x8180 | $code, 1, $code ? 0 : 1, 0, 0) . $question . $record;
}

sub finish {
    my $socket = shift;
    delete $buffer{$socket};
    delete $kind{$socket};
    $select->remove($socket);
    $socket->close;
}
