# perl stand-in.pl WORD...: a server that says which host it is; prints its process, and stays. Words are
#
#   tcp:ADDRESS:PORT  udp:…  sctp:…    where it listens, IPv6 in brackets, also on addresses that come later; not
#                                      where the kernel knows no SCTP
#   smtp:ADDRESS:PORT                  TCP, and greets as a mail server does
#   dns:ADDRESS:PORT                   UDP, and answers queries of that kind
#   http:PORT:STATUS:PATH:BODY         what is answered to a request for that path; PATH and BODY in hexadecimal
#   tls:PORT                           what comes there encrypted is decrypted, by nginx
#
# Over TCP an HTTP request is answered and the connection closed; any other line comes back with the host's name, and
# the connection stays. A UDP packet comes back with the name and the packet.
#
# What a port says can be changed while it runs: the first line of the host's file /tmp/stand-in/PORT is, for HTTP,
# STATUS [PATH [HOST]] (all else is not found; further lines are the content), for smtp the code of the greeting, and for
# dns the code of the answer.

use strict;
use warnings;
use IO::Handle;
use IO::Select;
use Socket qw(:DEFAULT :addrinfo IPPROTO_IP IPPROTO_IPV6 IPV6_V6ONLY MSG_PEEK inet_pton pack_sockaddr_in6);
use Sys::Hostname;

use constant { IP_FREEBIND => 15, IPV6_FREEBIND => 78, IPPROTO_SCTP => 132, HANDSHAKE => "\x16" };

my $name = hostname;
my $select = IO::Select->new;
my (%kind, %port, %buffer, %other, %answers, %decrypted);
my @tls;
for my $word (@ARGV) {
    if ($word =~ /^http:(\d+):(\d+):([0-9a-f]*):([0-9a-f]*)$/) { $answers{ $1, pack('H*', $3) } //= [$2, pack 'H*', $4] }
    elsif ($word =~ /^tls:(\d+)$/) { push @tls, $1 }
    elsif ($word =~ /^(tcp|udp|sctp|smtp|dns):\[?([^\]]*)\]?:(\d+)$/) { listen_at($1, $2, $3, $3) }
    else { die "$word?\n" }
}
decrypt(@tls) if @tls;
$SIG{PIPE} = 'IGNORE';
# Ready: whoever started this may ask from now on.
my $child = fork;
if ($child) {
    print "$child\n";
    exit 0;
}
open STDIN, '<', '/dev/null';
open STDOUT, '>', '/dev/null';
open STDERR, '>', '/dev/null';

while (my @ready = $select->can_read) {
    for my $socket (@ready) {
        # Another one of this round may have ended it.
        my $kind = $kind{$socket} // next;
        if ($kind eq 'udp' || $kind eq 'dns') {
            my $peer = recv $socket, my $packet, 2000, 0;
            next if !defined $peer;
            my $answer = $kind eq 'dns' && length $packet > 12 && $packet !~ /^question/ ? dns($socket, $packet) : "$name $packet";
            send $socket, $answer, 0, $peer;
        } elsif ($kind eq 'tcp' || $kind eq 'smtp') {
            accept my $client, $socket or next;
            $client->blocking(1);
            $port{$client} = $port{$socket};
            $buffer{$client} = '';
            watch($client, 'new');
            greet($client) if $kind eq 'smtp';
        } elsif ($other{$socket}) {
            my $length = sysread $socket, my $data, 16_000;
            $length ? syswrite($other{$socket}, $data) : finish($socket);
        } elsif ($kind eq 'new' && $decrypted{ $port{$socket} } && first_byte($socket) eq HANDSHAKE) {
            hand_over($socket);
        } elsif (!sysread $socket, $buffer{$socket}, 4000, length $buffer{$socket}) {
            finish($socket);
        } else {
            serve($socket);
        }
    }
}

# As a packet to $as; the port of the socket is another one behind the decryption.
sub listen_at {
    my ($kind, $address, $number, $as) = @_;
    my $six = $address =~ /:/;
    my ($family, $level, $freebind) = $six ? (AF_INET6, IPPROTO_IPV6, IPV6_FREEBIND) : (AF_INET, IPPROTO_IP, IP_FREEBIND);
    my $packet = $kind eq 'udp' || $kind eq 'dns';
    socket my $socket, $family, $packet ? SOCK_DGRAM : SOCK_STREAM, $kind eq 'sctp' ? IPPROTO_SCTP : 0
        or $kind eq 'sctp' ? return : die "$kind: $!\n";
    setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
    setsockopt $socket, $level, $freebind, 1;
    setsockopt $socket, IPPROTO_IPV6, IPV6_V6ONLY, 1 if $six;
    my $packed = inet_pton($family, $address) // die "$address?\n";
    bind $socket, $six ? pack_sockaddr_in6($number, $packed) : pack_sockaddr_in($number, $packed) or die "$kind:$address:$number: $!\n";
    $packet or listen $socket, 100 or die "$kind:$address:$number: $!\n";
    $port{$socket} = $as;
    watch($socket, $kind eq 'sctp' ? 'tcp' : $kind);
}

sub watch {
    my ($socket, $kind) = @_;
    $kind{$socket} = $kind;
    $select->add($socket);
}

# Perl alone knows no TLS: nginx takes it off, and hands on to a port of ours. One that runs already keeps the ports.
sub decrypt {
    my @outer = @_;
    my ($folder, $servers) = ('/run/stand-in', '');
    for my $outer (@outer) {
        my $coded = 61000 + 2 * keys %decrypted;
        my $plain = $coded + 1;
        $decrypted{$outer} = $coded;
        listen_at('tcp', '127.0.0.1', $plain, $outer);
        $servers .= "server { listen 127.0.0.1:$coded ssl; location / { proxy_pass http://127.0.0.1:$plain; } }\n";
    }
    return if fork;
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', '/dev/null';
    mkdir $folder;
    system 'openssl', qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=stand-in),
        '-keyout', "$folder/key", '-out', "$folder/certificate";
    open my $settings, '>', "$folder/nginx.conf" or die;
    print $settings "daemon off; user root; worker_processes 1; pid $folder/nginx.pid; error_log $folder/log;\n",
        "events {}\nhttp { access_log off; ssl_certificate $folder/certificate; ssl_certificate_key $folder/key;\n$servers}\n";
    close $settings;
    exec 'nginx', '-c', "$folder/nginx.conf";
}

sub hand_over {
    my $client = shift;
    socket my $helper, AF_INET, SOCK_STREAM, 0;
    if (!connect $helper, pack_sockaddr_in($decrypted{ $port{$client} }, INADDR_LOOPBACK)) { return finish($client) }
    $kind{$client} = 'relay';
    watch($helper, 'relay');
    @other{ $client, $helper } = ($helper, $client);
}

sub first_byte {
    my $socket = shift;
    defined recv $socket, my $byte, 1, MSG_PEEK or return '';
    return $byte;
}

# The lines of the file that says what this socket's port says.
sub told {
    my $socket = shift;
    open my $file, '<', "/tmp/stand-in/$port{$socket}" or return;
    chomp(my @lines = <$file>);
    return @lines;
}

sub greet {
    my $client = shift;
    my $code = (told($client))[0] // 220;
    $kind{$client} = 'mail';
    syswrite $client, "$code $name ESMTP\r\n";
    finish($client) if $code ne '220';
}

sub serve {
    my $socket = shift;
    return web($socket) if $buffer{$socket} =~ /^[A-Z]+ \S+ HTTP/;
    while ($buffer{$socket} =~ s/^([^\n]*)\n//) {
        my $line = $1;
        my $mail = $kind{$socket} eq 'mail' && $line =~ /^(?:(HELO|EHLO)|(QUIT))/i;
        syswrite $socket, !$mail ? "$name $line\n" : $1 ? "250 $name\r\n" : "221 bye\r\n";
    }
}

sub web {
    my $socket = shift;
    my ($path) = $buffer{$socket} =~ /^\S+ (\S+) .*\r\n\r\n/s or return;
    my ($host) = $buffer{$socket} =~ /\r\nHost: *([^\r]*)/i;
    my ($status, $more) = @{ $answers{ $port{$socket}, $path } // [200, ''] };
    my $body = "$name\n$more";
    if (my ($rule, @content) = told($socket)) {
        ($status, my ($wanted, $for)) = split / /, $rule;
        $status = 404 if defined $wanted && $path ne $wanted || defined $for && ($host // '') ne $for;
        $body = join "\n", @content if @content;
    }
    my $length = length $body;
    syswrite $socket, "HTTP/1.1 $status Stand-in\r\nContent-Length: $length\r\nConnection: close\r\n\r\n$body";
    finish($socket);
}

# One answer to whatever is asked (RFC 1035, 4.1.1): an address of those kept for documentation.
sub dns {
    my ($socket, $query) = @_;
    my $code = (told($socket))[0] // 0;
    my ($id) = unpack 'n', $query;
    my ($question) = substr($query, 12) =~ /^((?:[\x01-\x3f].*?)*?\0....)/s;
    my $record = $code ? '' : pack('n n n N n C4', 0xc00c, 1, 1, 60, 4, 192, 0, 2, 1);
    return pack('n6', $id, 0x8180 | $code, 1, $code ? 0 : 1, 0, 0) . ($question // '') . $record;
}

sub finish {
    my $socket = shift;
    for my $one ($socket, delete $other{$socket} // ()) {
        delete $other{$one};
        delete $buffer{$one};
        delete $kind{$one};
        delete $port{$one};
        $select->remove($one);
        close $one;
    }
}
