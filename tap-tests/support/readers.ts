import { execFileSync } from 'node:child_process';

let folder: string | undefined;

/** The path of a program that reads rendered files for real; fetched if the machine does not have it. */
export function reader(program: string): string {
  folder ??=
    process.env['LVSCTL_READERS'] ??
    execFileSync('sh', ['tap-tests/readers/fetch.sh'], { encoding: 'utf8' }).trim().split('\n').at(-1)!;
  return `${folder}/${program}`;
}

/** The files of the packages that the readers come from, laid out as on a host. */
export function readersRoot(): string {
  return reader('../root');
}
