import { COLOUR, FILE, OUTPUT, STRICT, type Verb } from './verb.js';

/** What needs no director. */
export const OTHER: readonly Verb[] = [
  {
    name: 'import',
    about: 'turn something else into a description in YAML',
    args: [
      {
        name: 'form',
        about:
          "what is read: lvs.conf, the classic form; ipvsadm, a saved table; kernel, this machine's table",
        choices: ['lvs.conf', 'ipvsadm', 'kernel'],
      },
      { name: '[file]', about: 'the file; - or nothing for standard input' },
    ],
    options: [
      {
        flags: '--match <entries>',
        about: 'what gets firewall marks, which a table does not say: MARK=ADDRESS:PORT/PROTOCOL,…',
      },
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['import lvs.conf /etc/lvs/lvs.conf > lvs.yaml', 'the same cluster as YAML'],
      ['import kernel > lvs.yaml', 'a description of what runs on this director'],
      ['import ipvsadm /etc/ipvsadm.rules > lvs.yaml', 'a description of a saved table'],
    ],
    load: () => import('../import.js'),
  },
  {
    name: 'completion',
    about: 'print the completion for a shell',
    args: [{ name: 'shell', about: 'the shell', choices: ['bash'] }],
    options: [COLOUR],
    examples: [['completion bash > /etc/bash_completion.d/lvsctl', 'for all users']],
    load: () => import('../completion.js'),
  },
  {
    name: 'lab',
    about: 'a cluster in a virtual machine, to rehearse it before it is real',
    args: [
      {
        name: 'what',
        about:
          'demo: the example cluster at work, told as a story; rehearse: boot the described cluster and run drills on it; shell: a prompt with that cluster up',
        choices: ['demo', 'rehearse', 'shell'],
      },
    ],
    options: [
      FILE,
      {
        flags: '--from <path>',
        about: 'rehearse the change of the cluster that this file describes into that of --file, and back',
      },
      { flags: '--report <path>', about: "write the rehearsal's report to this file, as one page of HTML" },
      { flags: '--install', about: 'install the Debian packages that the lab lacks' },
      STRICT,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['lab demo', 'ARP wrong and right, requests balanced, a server and a director that die'],
      ['lab rehearse -f lvs.conf --report lvs.html', 'whether the cluster does what it should'],
      ['lab rehearse --from lvs.conf -f new.conf', 'what clients would lose by this change'],
      ['lab shell -f lvs.conf', 'look around in it; `host NAME` enters a host'],
    ],
    load: () => import('../lab.js'),
  },
];
