import type { Cluster } from '../cluster/cluster.js';
import { countsText, diagnosticText } from '../view/diagnostics.js';
import { jsonText } from '../view/json.js';
import type { Run } from './context.js';
import { describe, diagnosticsJson, isRefused } from './description.js';
import { EXIT } from './exit.js';

export const run: Run = async (context, _args, options) => {
  const { name, cluster, diagnostics } = await describe(context, options);
  const refused = isRefused(diagnostics, options);
  if (options['output'] === 'json') {
    const result = { version: 1, file: name, valid: !refused, ...diagnosticsJson(diagnostics) };
    context.out(jsonText(result));
  } else {
    const style = context.outStyle;
    for (const one of diagnostics) context.out(`${diagnosticText(one, style)}\n\n`);
    const counts = countsText(diagnostics);
    const verdict = refused ? style.bold(style.red('not valid')) : style.bold(style.green('valid'));
    const what = cluster && !refused ? `: ${clusterText(cluster)}` : '';
    context.out(`${name} is ${verdict}${what}${counts ? ` (${counts})` : ''}\n`);
  }
  return refused ? EXIT.invalid : EXIT.done;
};

/** `1 service, 2 servers, 2 directors`. */
function clusterText({ services, directors }: Cluster): string {
  const servers = services.reduce((sum, service) => sum + service.servers.length, 0);
  return [
    count(services.length, 'service'),
    count(servers, 'server'),
    count(directors.length, 'director'),
  ].join(', ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
