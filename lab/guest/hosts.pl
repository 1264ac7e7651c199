# A cluster's hosts, as the machine of the lab makes them. Each is a network namespace that has a name, and mounts,
# processes, IPC and a name of its own. What it writes goes to an overlay over the machine's files; /run and /tmp begin
# empty. One program for all, since in an emulated machine the start of a program costs more than what it does here.
#
#   perl hosts.pl start <PLAN        prints "NAME PROCESS" for each: to kill that process, the host's process 1, is a
#                                    power failure. Where one cannot start, none is left running.
#   perl hosts.pl install TREE PROCESS...    copies the tree over the / of each host: files are replaced, folders made
#
# A plan has the machine's own lines for `ip -batch`, then for each host a line "host NAME NAMESPACE FOLDER" and the
# lines for `ip -batch` inside its namespace. The folder takes what the host writes.

use strict;
use warnings;

# From <asm/unistd_64.h>, <linux/sched.h> and <linux/mount.h>: the lab's kernel is always x86-64.
use constant { MOUNT => 165, PIVOT_ROOT => 155, SETHOSTNAME => 170, UMOUNT => 166, UNSHARE => 272, SETNS => 308 };
use constant { NEWNS => 0x20000, NEWUTS => 0x4000000, NEWIPC => 0x8000000, NEWPID => 0x20000000, NEWNET => 0x40000000 };
use constant { BIND => 0x1000, RECURSIVE => 0x4000, PRIVATE => 0x40000, DETACH => 2 };

my %actions = (start => \&start, install => \&install);
my $action = $actions{ shift // '' } or die "usage: hosts.pl start | install TREE PROCESS...\n";
$action->(@ARGV);

sub start {
    my (@machine, @hosts);
    while (my $line = <STDIN>) {
        if ($line =~ /^host (\S+) (\S+) (\S+)$/) {
            push @hosts, { name => $1, namespace => $2, folder => $3, network => [] };
        } else {
            push @{ @hosts ? $hosts[-1]{network} : \@machine }, $line;
        }
    }
    network('the machine', @machine);
    # Each by a process of its own, all at once.
    my @answers = map { (child(\&launch, $_))[0] } @hosts;
    my @processes = map { readline($_) // () } @answers;
    chomp @processes;
    if (@processes < @hosts) {
        kill KILL => @processes;
        exit 1;
    }
    print "$hosts[$_]{name} $processes[$_]\n" for 0 .. $#hosts;
}

# Starts a host, and says its process 1.
sub launch {
    my ($answer, $host) = @_;
    open my $namespace, '<', "/run/netns/$host->{namespace}" or die "$host->{namespace}: $!\n";
    call('setns', SETNS, fileno $namespace, NEWNET);
    network($host->{name}, @{ $host->{network} });
    call('unshare', UNSHARE, NEWNS | NEWUTS | NEWIPC | NEWPID);
    # The first child in a new namespace of processes is its process 1.
    my ($ready, $process) = child(\&live, $host, $answer);
    readline $ready or exit 1;
    print $answer "$process\n";
}

# What process 1 of a host does.
sub live {
    my ($ready, $host, $answer) = @_;
    close $answer;
    my $folder = $host->{folder};
    my $root = "$folder/root";
    my $above = '';
    for my $path (split m{/}, "$folder/upper") { mkdir $above .= "$path/" }
    mkdir "$folder/$_" for 'work', 'root';
    call('sethostname', SETHOSTNAME, $host->{name}, length $host->{name});
    mounted('none', '/', '', RECURSIVE | PRIVATE);
    mounted('overlay', $root, 'overlay', 0, "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work");
    chdir $root or die "$root: $!\n";
    mounted('/dev', 'dev', '', BIND | RECURSIVE);
    mounted('run', 'run', 'tmpfs', 0, 'mode=755');
    call('pivot_root', PIVOT_ROOT, '.', 'mnt');
    mounted('proc', '/proc', 'proc', 0);
    mounted('sys', '/sys', 'sysfs', 0);
    call('umount', UMOUNT, '/mnt', DETACH);
    mounted('tmp', '/tmp', 'tmpfs', 0, 'mode=1777');
    mkdir '/run/lock';
    content('/etc/hostname', "$host->{name}\n");
    content('/etc/hosts', "127.0.0.1 localhost\n::1 localhost\n");
    unlink '/etc/keepalived/keepalived.conf';
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', '/dev/null';
    print $ready "ready\n";
    close $ready;
    $0 = "host $host->{name}";
    # Every process that loses its parent is ours, and ends without a trace.
    $SIG{CHLD} = 'IGNORE';
    sleep while 1;
}

sub install {
    my ($tree, @processes) = @_;
    my @entries = entries($tree, '');
    my @answers = map { (child(\&copy, $_, \@entries))[0] } @processes;
    my @done = grep { defined readline $_ } @answers;
    exit 1 if @done < @answers;
}

# All that is in a folder of a tree: what contains before what is contained.
sub entries {
    my ($tree, $folder) = @_;
    opendir my $listing, "$tree$folder" or die "$tree$folder: $!\n";
    my @found;
    for my $name (sort grep { !/^\.\.?$/ } readdir $listing) {
        my $path = "$folder/$name";
        if (-l "$tree$path") {
            push @found, { path => $path, link => readlink "$tree$path" };
        } elsif (-d _) {
            push @found, { path => $path, folder => 1, mode => (stat _)[2] & 07777 }, entries($tree, $path);
        } else {
            my $mode = (stat _)[2] & 07777;
            open my $file, '<', "$tree$path" or die "$tree$path: $!\n";
            push @found, { path => $path, mode => $mode, content => join '', <$file> };
        }
    }
    return @found;
}

# As seen from inside the host: its links lead where they lead there.
sub copy {
    my ($answer, $process, $entries) = @_;
    chroot "/proc/$process/root" or die "process $process: $!\n";
    umask 0;
    for my $entry (@$entries) {
        my $path = $entry->{path};
        if ($entry->{folder}) {
            -d $path or mkdir $path, $entry->{mode} or die "$path: $!\n";
            next;
        }
        unlink $path;
        if (defined $entry->{link}) {
            symlink $entry->{link}, $path or die "$path: $!\n";
        } else {
            content($path, $entry->{content});
            chmod $entry->{mode}, $path;
        }
    }
    print $answer "done\n";
}

# A process that runs a function with the end of a pipe for its answer. Returns the other end, and the process.
sub child {
    my ($work, @arguments) = @_;
    pipe my $in, my $out or die "pipe: $!\n";
    my $process = fork // die "fork: $!\n";
    return ($in, $process) if $process;
    close $in;
    $work->($out, @arguments);
    close $out;
    exit;
}

sub network {
    my ($whose, @lines) = @_;
    open my $ip, '|-', 'ip', '-batch', '-' or die "ip: $!\n";
    print $ip @lines;
    close $ip or die "the network of $whose could not be made\n";
}

sub mounted {
    my ($source, $target, $type, $flags, $options) = @_;
    call("mount of $target", MOUNT, $source, $target, $type, $flags, $options // '');
}

sub call {
    my ($what, $number, @arguments) = @_;
    syscall($number, @arguments) == 0 or die "$what: $!\n";
}

sub content {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "$path: $!\n";
    print $file $text;
    close $file or die "$path: $!\n";
}
