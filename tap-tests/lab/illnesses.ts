import { serve } from '../../src/lab/acts.js';
import type { Host } from '../../src/lab/lab.js';

/** Something that is done on a real server. */
export type Step = (host: Host) => Promise<unknown>;

/** What can be wrong with a real server, and how it begins and ends. */
export interface Illness {
  readonly name: string;
  readonly begin: Step;
  readonly end: Step;
}

export function steps(...all: readonly Step[]): Step {
  return async host => {
    for (const step of all) await step(host);
  };
}

/** A stand-in server on a port of all addresses of both families. */
export function listens(kind: 'tcp' | 'smtp' | 'dns', port: number): Step {
  return host => serve(host, `${kind}:0.0.0.0:${port}`, `${kind}:[::]:${port}`);
}

/** What the port says from now on, in the words of lab/guest/stand-in.pl. */
export function says(port: number, text: string): Step {
  return host => host.sh(`mkdir -p /tmp/stand-in; cat >/tmp/stand-in/${port}`, `${text}\n`);
}

/**
 * TLS on a port, for one name alone and only for who asks for it (SNI), in front of plain HTTP at `port` + 10000.
 *
 * @param begins what that says at first
 */
export function listensTls(port: number, name: string, begins: string): Step {
  const inner = port + 10_000;
  const tls = `listen ${port} ssl; listen [::]:${port} ssl`;
  const config = `pid /tmp/tls-${port}.pid; error_log /tmp/tls-${port}.log; worker_processes 1; events {}
    http {
      access_log off;
      server { ${tls}; ssl_reject_handshake on; }
      server {
        ${tls}; server_name ${name}; ssl_certificate tls-${port}.pem; ssl_certificate_key tls-${port}.key;
        location / { proxy_pass http://127.0.0.1:${inner}; proxy_set_header Host $http_host; }
      }
    }
  `;
  const start = `cd /tmp && cat >tls-${port}.conf
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} \
      -keyout tls-${port}.key -out tls-${port}.pem 2>&1
    nginx -c /tmp/tls-${port}.conf`;
  return steps(
    host => serve(host, `tcp:127.0.0.1:${inner}`),
    says(inner, begins),
    host => host.sh(start, config),
  );
}

export function closedPort(kind: 'tcp' | 'smtp', port: number): Illness {
  return { name: 'its port is closed', begin: signals('KILL', port), end: listens(kind, port) };
}

/** The same for a port of listensTls. */
export function closedTls(port: number): Illness {
  return {
    name: 'its port is closed',
    begin: host => host.sh(`kill "$(cat /tmp/tls-${port}.pid)"`),
    end: host => host.sh(`cd /tmp && nginx -c /tmp/tls-${port}.conf`),
  };
}

export function silence(port: number): Illness {
  return { name: 'it accepts and says nothing', begin: signals('STOP', port), end: signals('CONT', port) };
}

export function wrongWords(name: string, port: number, bad: string, good: string): Illness {
  return { name, begin: says(port, bad), end: says(port, good) };
}

export function deafToPings(ipv6: boolean): Illness {
  const setting = `/proc/sys/net/${ipv6 ? 'ipv6/icmp/echo_ignore_all' : 'ipv4/icmp_echo_ignore_all'}`;
  return {
    name: 'it ignores pings',
    begin: host => host.sh(`echo 1 >${setting}`),
    end: host => host.sh(`echo 0 >${setting}`),
  };
}

function signals(how: string, port: number): Step {
  return host => host.sh(`pkill -${how} -f '^perl .*:${port}$'`);
}
