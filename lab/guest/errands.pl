# Runs programs on the lab's hosts, and in the machine itself, for one that asks over its standard input and output:
# a process that stays, since in an emulated machine the start of one more program costs more than what most of them do.
# It ends when its standard input does.
#
# Request and answer are frames: their length, then fields, each with its own length before it; a length is four bytes,
# the highest first. Any number of requests may be under way; each is answered when it has ended, in whatever order.
#
#   request: ID PROCESS MILLISECONDS WITH-INPUT INPUT PROGRAM [ARGUMENT...]
#            PROCESS is process 1 of the host to enter, as the machine numbers it; empty: the machine itself.
#            WITH-INPUT is 1 where INPUT is to be its standard input, and 0 for /dev/null.
#   answer:  ID STATUS TIMED-OUT STANDARD-OUTPUT STANDARD-ERROR
#            STATUS is its exit code, empty where a signal has ended it.
#
# A request has ended when the program has, and nobody holds its output open any more: a daemon that it leaves behind
# has to close it. Where that takes longer than MILLISECONDS, the program and all of its group are killed, TIMED-OUT is
# 1, and the output is what came until then.

use strict;
use warnings;
use Time::HiRes 'clock_gettime', 'CLOCK_MONOTONIC';

# From <asm/unistd_64.h>: the lab's kernel is always x86-64.
use constant { SETNS => 308, MEMFD_CREATE => 319, PIDFD_OPEN => 434 };
# All that a process may have for itself. That of mounts comes last: with it /proc is another one.
my @kinds = qw(cgroup ipc uts net mnt);

my %running;
my $asked = '';
open my $own, '<', '/proc/self/ns/pid' or die "/proc/self/ns/pid: $!\n";
open my $nothing, '<', '/dev/null' or die "/dev/null: $!\n";
binmode $_ for \*STDIN, \*STDOUT;
$SIG{PIPE} = 'IGNORE';

while (1) {
    my $watched = '';
    vec($watched, fileno $_, 1) = 1 for \*STDIN, map { values %{ $_->{open} } } values %running;
    my ($next) = sort { $a <=> $b } map { $_->{deadline} } values %running;
    my $patience = defined $next ? $next - now() : undef;
    my $count = select my $ready = $watched, undef, undef, defined $patience && $patience < 0 ? 0 : $patience;
    next if $count < 0;
    for my $errand (values %running) {
        for my $name (keys %{ $errand->{open} }) {
            hear($errand, $name) if vec $ready, fileno $errand->{open}{$name}, 1;
        }
        answer($errand) if !%{ $errand->{open} };
        expire($errand) if $errand->{deadline} <= now() && $running{ $errand->{id} };
    }
    next if !vec $ready, fileno STDIN, 1;
    sysread STDIN, $asked, 1 << 20, length $asked or exit;
    while (length $asked >= 4 && length $asked >= 4 + unpack 'N', $asked) {
        begin(unpack '(N/a)*', unpack 'N/a', $asked);
        substr $asked, 0, 4 + unpack('N', $asked), '';
    }
}

sub begin {
    my ($id, $process, $milliseconds, $with_input, $input, @command) = @_;
    my $errand = { id => $id, out => '', err => '', deadline => now() + $milliseconds / 1000 };
    my @spaces = eval { $process eq '' ? () : spaces($process) };
    if ($@) {
        @$errand{ 'err', 'status' } = ($@, 1);
        return answer($errand);
    }
    my $stdin = $with_input ? content($input) : $nothing;
    pipe my $out, my $to_out or die "pipe: $!\n";
    pipe my $err, my $to_err or die "pipe: $!\n";
    # Only what is forked from here on has the other numbers of processes.
    setns($spaces[0]) if @spaces;
    my $child = fork // die "fork: $!\n";
    if (!$child) {
        # The programs of its group are killed together.
        setpgrp;
        open STDIN, '<&', $stdin or die "standard input: $!\n";
        open STDOUT, '>&', $to_out or die "standard output: $!\n";
        open STDERR, '>&', $to_err or die "standard error: $!\n";
        enter(@spaces) if @spaces;
        $SIG{PIPE} = 'DEFAULT';
        no warnings 'exec';
        exec { $command[0] } @command or print STDERR "$command[0]: $!\n";
        exit 127;
    }
    setns($own) if @spaces;
    my $end = syscall PIDFD_OPEN, $child, 0;
    die "pidfd_open: $!\n" if $end < 0;
    open my $ended, '<&=', $end or die "process $child: $!\n";
    $errand->{child} = $child;
    $errand->{open} = { out => $out, err => $err, end => $ended };
    $running{$id} = $errand;
}

# What enters a host: its numbers of processes, all else that it has for itself, and its root.
sub spaces {
    my ($process) = @_;
    my @files = map {
        open my $file, '<', "/proc/$process/$_" or die "process $process: $!\n";
        $file;
    } map { "ns/$_" } 'pid', @kinds;
    opendir my $root, "/proc/$process/root" or die "process $process: $!\n";
    return @files, $root;
}

sub enter {
    my ($pid, @spaces) = @_;
    my $root = pop @spaces;
    setns($_) for @spaces;
    (chdir $root) && (chroot '.') && (chdir '/') or die "root: $!\n";
}

sub setns {
    my ($space) = @_;
    syscall(SETNS, fileno $space, 0) == 0 or die "setns: $!\n";
}

sub content {
    my ($text) = @_;
    my $name = "input\0";
    my $number = syscall MEMFD_CREATE, $name, 0;
    die "memfd_create: $!\n" if $number < 0;
    open my $file, '+<&=', $number or die "input: $!\n";
    binmode $file;
    whole($file, $text);
    sysseek $file, 0, 0;
    return $file;
}

# Something came on one of its pipes, or the end of it; or the program has ended.
sub hear {
    my ($errand, $name) = @_;
    if ($name eq 'end') {
        waitpid $errand->{child}, 0;
        $errand->{status} = $? & 127 ? '' : $? >> 8;
    } else {
        return if sysread $errand->{open}{$name}, $errand->{$name}, 1 << 16, length $errand->{$name};
    }
    delete $errand->{open}{$name};
}

sub expire {
    my ($errand) = @_;
    kill KILL => -$errand->{child}, $errand->{child};
    waitpid $errand->{child}, 0 if $errand->{open}{end};
    $errand->{expired} = 1;
    $errand->{status} = '';
    answer($errand);
}

sub answer {
    my ($errand) = @_;
    delete $running{ $errand->{id} };
    my @fields = ($errand->{id}, $errand->{status}, $errand->{expired} // 0, $errand->{out}, $errand->{err});
    whole(\*STDOUT, pack 'N/a', pack '(N/a)*', @fields);
}

sub whole {
    my ($file, $bytes) = @_;
    my $done = 0;
    while ($done < length $bytes) {
        $done += syswrite($file, $bytes, length($bytes) - $done, $done) // exit 1;
    }
}

sub now { return clock_gettime(CLOCK_MONOTONIC) }
